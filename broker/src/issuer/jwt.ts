import { createHmac, type KeyObject, sign, verify } from 'node:crypto';
import type { JsonObject } from '../core/json.ts';
import { isJsonObject } from '../core/json.ts';
import type { KeySet, SigningKey } from './keys.ts';

/** RS256 on the thread pool: a signature costs half a millisecond, and the event loop has better things to do. */
export function signJwt(key: SigningKey, claims: JsonObject): Promise<string> {
  const input = `${key.encodedHeader}.${encode(claims)}`;
  return new Promise((resolve, reject) => {
    sign('RSA-SHA256', Buffer.from(input), key.privateKey, (error, signature) => {
      if (error !== null) reject(error);
      else resolve(`${input}.${signature.toString('base64url')}`);
    });
  });
}

const hs256Header = Buffer.from(JSON.stringify({ alg: 'HS256', typ: 'JWT' })).toString('base64url');

/** HS256 with the client's secret, for clients that are registered so. */
export function signJwtWithSecret(secret: KeyObject, claims: JsonObject): string {
  const input = `${hs256Header}.${encode(claims)}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

const encode = (claims: JsonObject): string => Buffer.from(JSON.stringify(claims)).toString('base64url');

/**
 * The claims of a JWT that we signed with RS256, or undefined. Checks the signature only: expiry and audience are the
 * caller's, since a hint may be old. The algorithm is ours, never the token's (JW-01, JW-02).
 */
export function verifyOwnJwt(keySet: KeySet, token: string): JsonObject | undefined {
  const parts = token.split('.');
  const [head = '', body = '', signature = ''] = parts;
  if (parts.length !== 3 || !parts.every((part) => /^[A-Za-z0-9_-]+$/.test(part))) return undefined;
  const header = parseJson(head);
  const claims = parseJson(body);
  if (header?.alg !== 'RS256' || typeof header.kid !== 'string' || 'crit' in header) return undefined;
  const key = keySet.publicKeys.get(header.kid);
  if (key === undefined) return undefined;
  const isGenuine = verify('RSA-SHA256', Buffer.from(`${head}.${body}`), key, Buffer.from(signature, 'base64url'));
  return isGenuine ? claims : undefined;
}

function parseJson(part: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
