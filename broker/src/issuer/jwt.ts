import { constants, createHmac, type KeyObject, sign, verify } from 'node:crypto';
import type { JsonObject } from '../core/json.ts';
import { isJsonObject } from '../core/json.ts';
import { isSameText } from '../core/secret.ts';
import type { JwtType, KeyAlgorithm, KeySet, SigningKey } from './keys.ts';

/** How a JWT is signed where it is not the ordinary RS256 with `typ` JWT. */
export type SigningForm = { readonly algorithm: KeyAlgorithm; readonly type: JwtType };

const ordinary: SigningForm = { algorithm: 'RS256', type: 'JWT' };

/** Signs on the thread pool: a signature costs half a millisecond, and the event loop has better things to do. */
export function signJwt(key: SigningKey, claims: JsonObject, form: SigningForm = ordinary): Promise<string> {
  const input = `${key.encodedHeaders[form.algorithm][form.type]}.${encode(claims)}`;
  return new Promise((resolve, reject) => {
    sign('RSA-SHA256', Buffer.from(input), withPadding(key.privateKey, form.algorithm), (error, signature) => {
      if (error !== null) reject(error);
      else resolve(`${input}.${signature.toString('base64url')}`);
    });
  });
}

/** RFC 7518 §3.5: PS256 has a salt as long as its hash. */
const withPadding = (key: KeyObject, algorithm: KeyAlgorithm) =>
  algorithm === 'RS256'
    ? key
    : { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };

/** HS256 with a secret that the client or the API shares with us. */
export function signJwtWithSecret(secret: KeyObject, claims: JsonObject, type: JwtType = 'JWT'): string {
  const input = `${encode({ alg: 'HS256', typ: type })}.${encode(claims)}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

const encode = (claims: JsonObject): string => Buffer.from(JSON.stringify(claims)).toString('base64url');

/**
 * The claims of a JWT that we signed with a key of ours, or undefined. Checks the signature only: expiry and audience are
 * the caller's, since a hint may be old. The algorithm is the key's, never the token's (JW-01, JW-02).
 */
export function verifyOwnJwt(keySet: KeySet, token: string): JsonObject | undefined {
  const parts = token.split('.');
  const [head = '', body = '', signature = ''] = parts;
  if (parts.length !== 3 || !parts.every((part) => /^[A-Za-z0-9_-]+$/.test(part))) return undefined;
  const header = parseJson(head);
  const claims = parseJson(body);
  if (header === undefined || typeof header.kid !== 'string' || 'crit' in header) return undefined;
  if (isLogoutToken(header)) return undefined;
  const known = keySet.publicKeys.get(header.kid);
  if (known === undefined || header.alg !== known.algorithm) return undefined;
  const isGenuine = verify(
    'RSA-SHA256',
    Buffer.from(`${head}.${body}`),
    withPadding(known.key, known.algorithm),
    Buffer.from(signature, 'base64url'),
  );
  return isGenuine ? claims : undefined;
}

/** It says who and which session, as an ID token does, but it is for the application alone: here it opens nothing (JW-20). */
const isLogoutToken = ({ typ }: JsonObject): boolean => typ === 'logout+jwt';

/** As verifyOwnJwt, for one that signJwtWithSecret made with this secret. */
export function verifyJwtWithSecret(secret: KeyObject, token: string): JsonObject | undefined {
  const [head = '', body = '', signature = '', ...rest] = token.split('.');
  const header = parseJson(head);
  if (rest.length > 0 || header?.alg !== 'HS256' || 'crit' in header || isLogoutToken(header)) return undefined;
  const expected = createHmac('sha256', secret).update(`${head}.${body}`).digest('base64url');
  return isSameText(signature, expected) ? parseJson(body) : undefined;
}

/** What a JWT says of itself, proven by nothing: to find out by whose key it would have to be proven. */
export const readClaims = (token: string): JsonObject | undefined => parseJson(token.split('.')[1] ?? '');

function parseJson(part: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
