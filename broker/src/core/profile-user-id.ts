import { UpstreamError } from './errors.ts';
import type { UpstreamUserId } from './ids.ts';
import type { Json, JsonObject } from './json.ts';
import { containsToken } from './profile-tokens.ts';

const maxBytes = 255;

/**
 * Who the profile is about. Exact: what cannot be told apart safely is refused, so that one person never becomes another.
 * Auth0: `user_id` is the documented key; 44 of 229 published scripts hand over raw provider JSON with `id` or `sub`.
 */
export function toUpstreamUserId(profile: JsonObject, tokens: readonly string[]): UpstreamUserId {
  for (const key of ['user_id', 'id', 'sub']) {
    const value = Object.hasOwn(profile, key) ? profile[key] : undefined;
    if (value !== undefined && value !== null) return check(toText(value, key), key, tokens);
  }
  throw new UpstreamError(
    'profile',
    'no_user_id',
    'The profile has no user_id. Set user_id in the profile script or in the profile mapping',
  );
}

function toText(value: Json, key: string): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'number') throw badUserId(`${key} must be a string or an integer`);
  if (!Number.isInteger(value)) throw badUserId(`${key} is not an integer. Send it as a string`);
  if (!Number.isSafeInteger(value)) {
    throw badUserId(
      `${key} is an integer beyond 2^53, whose last digits are lost. Read it as a string from the upstream's answer`,
    );
  }
  return String(value);
}

function check(text: string, key: string, tokens: readonly string[]): UpstreamUserId {
  if (text.trim() === '') throw badUserId(`${key} is empty. Use an id that the upstream never changes`);
  if (!text.isWellFormed())
    throw badUserId(`${key} is not well-formed Unicode. Send it in another form, such as hexadecimal`);
  if (/\p{Cc}/u.test(text)) throw badUserId(`${key} contains control characters. Remove them`);
  if (Buffer.byteLength(text) > maxBytes)
    throw badUserId(`${key} is longer than ${maxBytes} bytes. Use a shorter id or its hash`);
  if (containsToken(text, tokens))
    throw badUserId(`${key} contains a token. Use an id that the upstream never changes`);
  return text as UpstreamUserId;
}

const badUserId = (what: string): UpstreamError => new UpstreamError('profile', 'bad_user_id', `The profile's ${what}`);
