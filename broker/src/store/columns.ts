import type { Sealed } from '../core/ids.ts';
import type { Json, JsonObject } from '../core/json.ts';

/* Between domain values and columns. Rows come from our own statements, so what is read is trusted to be what was written. */

export const toTime = (date: Date | undefined): number | null => (date === undefined ? null : date.getTime());
export const fromTime = (time: number | null): Date | undefined => (time === null ? undefined : new Date(time));

export const toFlag = (value: boolean): number => (value ? 1 : 0);

export const toJson = (value: object): string => JSON.stringify(value);
export const fromJson = <Value = JsonObject>(text: string): Value => JSON.parse(text);

/** A plain Uint8Array, whatever Buffer the driver made. */
export const toSealed = (bytes: Uint8Array): Sealed =>
  new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) as Uint8Array as Sealed;
export const toOptionalSealed = (bytes: Uint8Array | null): Sealed | undefined =>
  bytes === null ? undefined : toSealed(bytes);

/** JSON that PostgreSQL's jsonb accepts too: NUL and lone surrogates become the replacement character, on both dialects. */
export function toMergedJson(value: JsonObject): string {
  const text = JSON.stringify(value);
  if (!/\\u(?:0000|d[89a-f])/.test(text)) return text;
  return JSON.stringify(replaceUnstorable(value));
}

export const toOptionalMergedJson = (value: JsonObject | undefined): string | null =>
  value === undefined ? null : toMergedJson(value);

/** Text for people, such as a description: what cannot be stored becomes the replacement character. */
export const toStorable = (text: string): string => text.toWellFormed().replaceAll('\0', '\uFFFD');

function replaceUnstorable(value: Json): Json {
  if (typeof value === 'string') return toStorable(value);
  if (typeof value !== 'object' || value === null) return value;
  if (isList(value)) return value.map(replaceUnstorable);
  const entries = Object.entries(value).map(([key, member]) => [toStorable(key), replaceUnstorable(member)]);
  return Object.fromEntries(entries);
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
