import { isJsonObject, type Json } from '../../core/json.ts';

/**
 * The users of a file: a JSON array, as Auth0 imports it, or one JSON object a line, as Auth0 exports it. undefined: it is
 * neither.
 */
export function readUsers(file: Uint8Array): readonly Json[] | undefined {
  const text = decode(file);
  if (text === undefined) return undefined;
  const whole = parse(text);
  if (Array.isArray(whole)) return whole.length === 0 ? undefined : whole;
  const rows = text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map(parse);
  return rows.length > 0 && rows.every(isUser) ? rows : undefined;
}

const isUser = (row: Json | undefined): row is Json =>
  isJsonObject(row) && (Object.hasOwn(row, 'user_id') || Object.hasOwn(row, 'identities'));

function decode(file: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(file);
  } catch {
    return undefined;
  }
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
