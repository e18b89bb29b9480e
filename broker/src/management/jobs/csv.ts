import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts';

/** The member at `user_metadata.a` or `identities[0].connection`; own members only. */
export function valueAt(object: JsonObject, path: string): Json | undefined {
  let value: Json | undefined = object;
  for (const name of path.replace(/\[(\d{1,4})\]/g, '.$1').split('.')) {
    if (Array.isArray(value)) value = value[Number(name)];
    else if (isJsonObject(value) && Object.hasOwn(value, name)) value = value[name];
    else return undefined;
  }
  return value;
}

/** RFC 4180. What a spreadsheet would take for a formula is marked as text. */
export const csvLine = (values: readonly (Json | undefined)[]): string => `${values.map(cellOf).join(',')}\r\n`;

function cellOf(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  const harmless = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
