import type { Device, Metadata, Sighting } from '../../core/device.ts';
import { fromJson, toJson } from '../columns.ts';
import type { DeviceColumns } from '../database.ts';

/** What sessions and refresh tokens have in common. What is as it was at the beginning is not written twice. */
export const toDeviceRow = ({ initial, last }: Device): DeviceColumns => ({
  initial_ip: initial.ip ?? null,
  initial_user_agent: initial.userAgent ?? null,
  last_ip: last.ip === initial.ip ? null : (last.ip ?? ''),
  last_user_agent: last.userAgent === initial.userAgent ? null : (last.userAgent ?? ''),
});

/** For a statement that does not know the beginning. An empty text: the request did not say. */
export const toLastRow = ({ ip, userAgent }: Sighting): LastColumns => ({
  last_ip: ip ?? '',
  last_user_agent: userAgent ?? '',
});

export type LastColumns = { readonly last_ip: string; readonly last_user_agent: string };

export const fromDeviceRow = (row: DeviceColumns): Device => {
  const initial = { ip: row.initial_ip ?? undefined, userAgent: row.initial_user_agent ?? undefined };
  return {
    initial,
    last: {
      ip: row.last_ip === null ? initial.ip : toSaid(row.last_ip),
      userAgent: row.last_user_agent === null ? initial.userAgent : toSaid(row.last_user_agent),
    },
  };
};

const toSaid = (text: string): string | undefined => (text === '' ? undefined : text);

export const toMetadata = (metadata: Metadata): string | null =>
  Object.keys(metadata).length === 0 ? null : toJson(metadata);

export const fromMetadata = (text: string | null): Metadata => (text === null ? {} : fromJson<Metadata>(text));
