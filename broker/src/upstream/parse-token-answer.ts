import { addSeconds } from '../core/clock.ts';
import { UpstreamError } from '../core/errors.ts';
import type { Json, JsonObject } from '../core/json.ts';
import type { Tokenset } from '../core/tokenset.ts';
import type { OutboundResponse } from '../http/egress.ts';
import { describeBody } from './call-upstream.ts';
import { parseObject } from './parse-json.ts';

const maxTokenBytes = 16 * 1024;
const tenYearsSeconds = 315_360_000;

/** What the token endpoint answered, as tokens. Throws UpstreamError('exchange'); nothing it said is in the message. */
export function parseTokenAnswer(response: OutboundResponse, now: Date): { tokenset: Tokenset; raw: JsonObject } {
  const raw = parseBody(response);
  checkRefusal(response.status, raw);
  if (raw === undefined) {
    throw new UpstreamError(
      'exchange',
      'not_json',
      `The token endpoint answered neither a JSON object nor a form (${describeBody(response)})`,
    );
  }
  return { tokenset: toTokenset(raw, now), raw };
}

/** What a token exchange script called back with, by the rules for a token answer of status 200. */
export function readTokenAnswer(raw: JsonObject, now: Date): { tokenset: Tokenset; raw: JsonObject } {
  checkRefusal(200, raw);
  return { tokenset: toTokenset(raw, now), raw };
}

/** Providers say "application/json", "text/html" or nothing at all; what counts is what it is. */
function parseBody({ body }: OutboundResponse): JsonObject | undefined {
  const text = body.toString('utf8').trim();
  if (/^\ufeff?\s*[{[]/.test(text)) return parseObject(text);
  // GitHub and older Facebook answer form-encoded, whatever was asked for.
  if (!/^[\w.~%+-]+=[^\s<>{}"]*$/.test(text)) return undefined;
  const form = new URLSearchParams(text);
  return form.has('access_token') || form.has('error') ? toObject(form) : undefined;
}

/** The last of a repeated name counts, as in JSON. */
function toObject(form: URLSearchParams): JsonObject {
  const object: Record<string, string> = {};
  for (const [name, value] of form) if (name !== '__proto__') object[name] = value;
  return object;
}

function checkRefusal(status: number, raw: JsonObject | undefined): void {
  const isSuccess = status >= 200 && status < 300;
  // GitHub answers 200 on errors; the body says so. An error beside tokens is an error.
  const error = raw?.error;
  const hasError = error !== undefined && error !== null && error !== false && error !== '';
  if (isSuccess && !hasError) return;
  throw new UpstreamError(
    'exchange',
    isSuccess ? 'error_answer' : `status_${status}`,
    isSuccess ? 'The token endpoint answered with an error' : `The token endpoint answered with status ${status}`,
    hasError ? { detail: [show(error), show(raw?.error_description)].filter((part) => part !== '').join(': ') } : {},
  );
}

const show = (value: Json | undefined): string =>
  (typeof value === 'string' ? value : JSON.stringify(value ?? '')).slice(0, 300);

function toTokenset(raw: JsonObject, now: Date): Tokenset {
  const accessToken = toToken(raw.access_token);
  if (accessToken === undefined) {
    const isMissing = raw.access_token === undefined || raw.access_token === null || raw.access_token === '';
    throw isMissing
      ? new UpstreamError('exchange', 'no_access_token', 'The token endpoint answered without an access_token')
      : new UpstreamError(
          'exchange',
          'bad_access_token',
          'The access_token is not a string of at most 16 KiB without control characters',
        );
  }
  return {
    accessToken,
    refreshToken: toToken(raw.refresh_token),
    idToken: toToken(raw.id_token),
    tokenType: toTokenType(raw.token_type),
    scope: toScope(raw.scope),
    expiresAt: toExpiry(raw.expires_in, now),
  };
}

function toToken(value: Json | undefined): string | undefined {
  if (typeof value !== 'string' || value === '' || Buffer.byteLength(value) > maxTokenBytes) return undefined;
  return /\p{Cc}/u.test(value) ? undefined : value;
}

/** A type that asks for a proof with each use is refused; other names (Slack says `bot`) are bearer tokens in practice. */
function toTokenType(value: Json | undefined): string {
  if (typeof value !== 'string' || value === '' || /^bearer$/i.test(value)) return 'Bearer';
  if (/^(?:mac|pop|dpop)$/i.test(value)) {
    throw new UpstreamError(
      'exchange',
      'token_type',
      'The token endpoint gave a token of a type that is not supported',
    );
  }
  return value.slice(0, 64);
}

/** RFC 6749 §5.1 has a string; Twitch sends a list. */
function toScope(value: Json | undefined): string | undefined {
  if (typeof value === 'string') return value;
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string').join(' ') : undefined;
}

function toExpiry(value: Json | undefined, now: Date): Date | undefined {
  const isNumeric =
    typeof value === 'number' || (typeof value === 'string' && /^\s*-?\d+(\.\d+)?(e\+?\d+)?\s*$/i.test(value));
  const seconds = isNumeric ? Number(value) : Number.NaN;
  return Number.isNaN(seconds) ? undefined : addSeconds(now, Math.min(Math.max(seconds, 0), tenYearsSeconds));
}
