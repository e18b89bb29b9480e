import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { UserId } from '../../core/ids.ts';
import type { Job } from '../../core/job.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import { userToWire } from '../../wire/management/user-object.ts';
import type { ManagementDeps } from '../deps.ts';
import { showIdentities } from '../show-users.ts';
import { csvLine, valueAt } from './csv.ts';
import type { Step } from './runner.ts';

const compress = promisify(gzip);
const usersInStep = 500;

export type ExportField = { readonly name: string; readonly export_as?: string };

/** What Auth0 exports where nothing else is asked for, as far as people of social connections have it. */
const defaultFields: readonly ExportField[] = [
  'user_id',
  'email',
  'email_verified',
  'name',
  'given_name',
  'family_name',
  'nickname',
  'picture',
  'blocked',
  'created_at',
  'updated_at',
  'last_login',
  'last_ip',
  'logins_count',
].map((name) => ({ name }));

/** The next users by id, compressed by themselves: members of a gzip file that follow each other are one file. */
export async function exportStep(deps: Pick<ManagementDeps, 'store' | 'directory' | 'vault'>, job: Job): Promise<Step> {
  const { store } = deps;
  const { after, parts = 0, exported = 0, seen = 0, limit, format } = job.details as Progress;
  const fields = (job.details.fields as readonly ExportField[] | undefined) ?? undefined;
  const total = typeof job.details.total === 'number' ? job.details.total : await store.users.count();
  const users = await store.users.listAfter(after as UserId | undefined, usersInStep);
  const shown = await showIdentities(
    deps,
    users.map(({ id }) => id),
    false,
  );
  const connection = job.details.connection;
  const isMeant = ({ id }: { readonly id: UserId }) =>
    connection === undefined || (shown.get(id) ?? []).some(({ connectionName }) => connectionName === connection);
  const meant = users.filter(isMeant).slice(0, limit === undefined ? undefined : Math.max(0, limit - exported));
  const lines = meant.map((user) => lineOf(userToWire(user, shown.get(user.id) ?? []), format, fields));
  const head = parts === 0 && format === 'csv' ? csvLine((fields ?? defaultFields).map(titleOf)) : '';
  const content = await compress(head + lines.join(''));
  const count = exported + meant.length;
  return {
    writes: [store.jobs.putPart({ jobId: job.id, kind: 'output', number: parts, content })],
    details: {
      ...job.details,
      total,
      after: users.at(-1)?.id ?? null,
      parts: parts + 1,
      exported: count,
      seen: seen + users.length,
    },
    isDone: users.length < usersInStep || (limit !== undefined && count >= limit),
  };
}

type Progress = {
  readonly after?: string;
  readonly parts?: number;
  readonly exported?: number;
  readonly seen?: number;
  readonly limit?: number;
  readonly format?: string;
};

const titleOf = ({ name, export_as: title }: ExportField): string => title ?? name;

/** Auth0: one JSON object a line, or a row of values. */
function lineOf(user: JsonObject, format: string | undefined, fields: readonly ExportField[] | undefined): string {
  if (format === 'csv') return csvLine((fields ?? defaultFields).map(({ name }) => valueAt(user, name)));
  if (fields === undefined) return `${JSON.stringify(user)}\n`;
  const picked: Record<string, Json> = Object.create(null);
  for (const field of fields) {
    const value = valueAt(user, field.name);
    if (value !== undefined) picked[titleOf(field)] = value;
  }
  return `${JSON.stringify(picked)}\n`;
}
