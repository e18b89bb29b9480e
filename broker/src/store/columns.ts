import { StoreError } from '../core/errors.ts';
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

/**
 * Text that is a key of a person. Neither database can hold a lone surrogate (two different ids would become one), and
 * PostgreSQL no NUL, so such an id is refused rather than changed.
 */
export function toExactText(text: string): string {
  if (text.isWellFormed() && !text.includes('\0')) return text;
  throw new StoreError('conflict', 'The id contains characters that cannot be stored exactly');
}

/** JSON that PostgreSQL's jsonb accepts too: NUL and lone surrogates become the replacement character, on both dialects. */
export function toMergedJson(value: JsonObject): string {
  const text = JSON.stringify(value);
  if (!/\\u(?:0000|d[89a-f])/.test(text)) return text;
  return JSON.stringify(replaceUnstorable(value));
}

export const toOptionalMergedJson = (value: JsonObject | undefined): string | null =>
  value === undefined ? null : toMergedJson(value);

function replaceUnstorable(value: Json): Json {
  if (typeof value === 'string') return value.toWellFormed().replaceAll('\0', '\uFFFD');
  if (typeof value !== 'object' || value === null) return value;
  if (isList(value)) return value.map(replaceUnstorable);
  const entries = Object.entries(value).map(([key, member]) => [replaceUnstorable(key), replaceUnstorable(member)]);
  return Object.fromEntries(entries);
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
