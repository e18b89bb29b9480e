import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { JsonObject } from '../core/json.ts';
import { isJsonObject } from '../core/json.ts';
import type { KeySet } from './keys.ts';

/*
 * The access token without audience: opaque to clients, a compact JWE (RFC 7516, `dir` with A256GCM) to us, as on Auth0.
 * Nothing is stored for it; its grant can be revoked.
 */

const algorithm = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;

export function sealOpaqueToken(keySet: KeySet, issuerUrl: string, claims: JsonObject): string {
  const [active] = keySet.tokenKeys;
  if (active === undefined) throw new Error('no key for opaque tokens');
  const header = Buffer.from(JSON.stringify({ alg: 'dir', enc: 'A256GCM', iss: issuerUrl, kid: active.id })).toString(
    'base64url',
  );
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv(algorithm, active.key, iv, { authTagLength: tagBytes });
  cipher.setAAD(Buffer.from(header));
  const text = Buffer.concat([cipher.update(JSON.stringify(claims), 'utf8'), cipher.final()]);
  return `${header}..${iv.toString('base64url')}.${text.toString('base64url')}.${cipher.getAuthTag().toString('base64url')}`;
}

/** The claims, or undefined if the token is not one of ours. Expiry is the caller's to check. */
export function openOpaqueToken(keySet: KeySet, token: string): JsonObject | undefined {
  const [header = '', wrappedKey, iv = '', text = '', tag = '', ...rest] = token.split('.');
  if (wrappedKey !== '' || rest.length > 0) return undefined;
  try {
    const { alg, enc, kid } = JSON.parse(Buffer.from(header, 'base64url').toString('utf8')) as Record<string, unknown>;
    const key = keySet.tokenKeys.find(({ id }) => id === kid)?.key;
    const tagValue = Buffer.from(tag, 'base64url');
    if (alg !== 'dir' || enc !== 'A256GCM' || key === undefined || tagValue.length !== tagBytes) return undefined;
    const decipher = createDecipheriv(algorithm, key, Buffer.from(iv, 'base64url'), { authTagLength: tagBytes });
    decipher.setAAD(Buffer.from(header));
    decipher.setAuthTag(tagValue);
    const plain = Buffer.concat([decipher.update(Buffer.from(text, 'base64url')), decipher.final()]);
    const claims: unknown = JSON.parse(plain.toString('utf8'));
    return isJsonObject(claims) ? claims : undefined;
  } catch {
    return undefined;
  }
}
