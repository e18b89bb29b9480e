import { isJsonObject, type Json, type JsonObject } from './json.ts';

const dangerousKeys = new Set(['__proto__', 'constructor', 'prototype']);

/** Keys that reach a prototype in code that copies carelessly. */
export const isDangerousKey = (key: string): boolean => dangerousKeys.has(key);

/** Shorter ones would match ordinary words. */
const minTokenLength = 8;

export const containsToken = (text: string, tokens: readonly string[]): boolean =>
  tokens.some((token) => token.length >= minTokenLength && text.includes(token));

/** A copy without the members that hold a token in key or value; where they were goes to `found`. */
export function removeTokens(
  value: JsonObject,
  search: { readonly tokens: readonly string[]; readonly path: string; readonly found: string[] },
): JsonObject {
  const kept: Record<string, Json> = {};
  for (const [key, member] of Object.entries(value)) {
    if (containsToken(key, search.tokens)) {
      search.found.push(`${search.path}[key]`);
      continue;
    }
    const clean = withoutTokens(member, { ...search, path: `${search.path}${key}` });
    if (clean !== undefined) kept[key] = clean;
  }
  return kept;
}

function withoutTokens(
  value: Json,
  search: { readonly tokens: readonly string[]; readonly path: string; readonly found: string[] },
): Json | undefined {
  if (typeof value === 'string') {
    if (!containsToken(value, search.tokens)) return value;
    search.found.push(search.path);
    return undefined;
  }
  if (isJsonObject(value)) return removeTokens(value, { ...search, path: `${search.path}.` });
  if (typeof value !== 'object' || value === null) return value;
  return (value as readonly Json[])
    .map((member, index) => withoutTokens(member, { ...search, path: `${search.path}.${index}` }))
    .filter((member) => member !== undefined);
}
