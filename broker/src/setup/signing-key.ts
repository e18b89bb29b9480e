import { createHash, generateKeyPair, type KeyObject, randomBytes, sign } from 'node:crypto';
import { promisify } from 'node:util';
import type { KeyId } from '../core/ids.ts';
import type { JsonObject } from '../core/json.ts';
import type { StoredKey } from '../core/key.ts';
import type { Vault } from '../vault/vault.ts';
import { selfSignedCertificate } from './certificate.ts';

const generate = promisify(generateKeyPair);

/** A new RS256 key with its certificate, sealed. `name` becomes the certificate's common name. */
export async function createSigningKey(
  vault: Vault,
  of: { readonly state: StoredKey['state']; readonly name: string; readonly now: Date },
): Promise<StoredKey> {
  const { privateKey, publicKey } = await generate('rsa', { modulusLength: 2048 });
  const certificate = selfSignedCertificate({
    publicKey,
    name: of.name,
    now: of.now,
    sign: (data) => sign('RSA-SHA256', data, privateKey),
  });
  const id = thumbprint(publicKey) as KeyId;
  return {
    id,
    use: 'signing',
    state: of.state,
    sealedMaterial: vault.sealKey(id, privateKey.export({ format: 'der', type: 'pkcs8' })),
    publicJwk: toPublicJwk(publicKey, id, certificate),
    createdAt: of.now,
    currentSince: of.state === 'current' ? of.now : undefined,
    currentUntil: undefined,
  };
}

/** The key that seals opaque access tokens. */
export function createTokenKey(vault: Vault, now: Date): StoredKey {
  const id = `tk_${randomBytes(9).toString('base64url')}` as KeyId;
  return {
    id,
    use: 'token',
    state: 'current',
    sealedMaterial: vault.sealKey(id, randomBytes(32)),
    publicJwk: {},
    createdAt: now,
    currentSince: now,
    currentUntil: undefined,
  };
}

/** As Auth0 publishes it: x5c with the certificate, x5t with its SHA-1 (RFC 7517 §4.7, §4.8). */
function toPublicJwk(publicKey: KeyObject, kid: string, certificate: Buffer): JsonObject {
  const { n = '', e = '' } = publicKey.export({ format: 'jwk' });
  return {
    kty: 'RSA',
    use: 'sig',
    n,
    e,
    kid,
    x5t: createHash('sha1').update(certificate).digest('base64url'),
    x5c: [certificate.toString('base64')],
    alg: 'RS256',
  };
}

/** RFC 7638. */
function thumbprint(publicKey: KeyObject): string {
  const { e, kty, n } = publicKey.export({ format: 'jwk' });
  return createHash('sha256').update(JSON.stringify({ e, kty, n })).digest('base64url');
}
