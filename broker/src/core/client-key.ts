import { createPublicKey, hash, type KeyObject, X509Certificate } from 'node:crypto';
import type { JsonObject } from './json.ts';

/** A public key of a client. `certificateExpiresAt` is set where it came in a certificate. */
export type ClientKey = {
  readonly publicJwk: JsonObject;
  /** RFC 7638, unless the JWK has a name of its own. */
  readonly keyId: string;
  readonly certificateExpiresAt: Date | undefined;
};

const shortestBits = 2048;
const longestBits = 4096;

/** From a PEM (public key or certificate) or a JWK. Answers what is wrong with it as text, which repeats nothing of it. */
export function readClientKey(given: { readonly pem?: string; readonly jwk?: JsonObject }): ClientKey | string {
  if ((given.pem === undefined) === (given.jwk === undefined)) return 'needs either pem or jwk';
  if (isPrivate(given)) return 'is a private key: give the public one';
  try {
    const { key, certificateExpiresAt } = given.pem === undefined ? fromJwk(given.jwk) : fromPem(given.pem);
    return toClientKey(key, given.jwk?.kid, certificateExpiresAt);
  } catch {
    return 'cannot be read as a public key';
  }
}

/** A private key reads as its public half; whoever sends one has given it away. */
const isPrivate = ({ pem = '', jwk = {} }: { readonly pem?: string; readonly jwk?: JsonObject }): boolean =>
  pem.includes('PRIVATE KEY') || 'd' in jwk || 'k' in jwk;

type Read = { readonly key: KeyObject; readonly certificateExpiresAt: Date | undefined };

const fromJwk = (jwk: JsonObject | undefined): Read => ({
  key: createPublicKey({ key: { ...jwk }, format: 'jwk' }),
  certificateExpiresAt: undefined,
});

function fromPem(pem: string): Read {
  if (!pem.includes('BEGIN CERTIFICATE')) return { key: createPublicKey(pem), certificateExpiresAt: undefined };
  const certificate = new X509Certificate(pem);
  return { key: certificate.publicKey, certificateExpiresAt: certificate.validToDate };
}

function toClientKey(key: KeyObject, kid: unknown, certificateExpiresAt: Date | undefined): ClientKey | string {
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (key.asymmetricKeyType !== 'rsa') return 'is not an RSA key';
  if (bits < shortestBits || bits > longestBits) return `has ${bits} bits: it needs ${shortestBits} to ${longestBits}`;
  const { e, kty, n } = key.export({ format: 'jwk' });
  if (e === undefined || kty === undefined || n === undefined) return 'cannot be read as a public key';
  const keyId =
    typeof kid === 'string' && kid !== '' ? kid : hash('sha256', JSON.stringify({ e, kty, n }), 'base64url');
  return { publicJwk: { kty, n, e }, keyId, certificateExpiresAt };
}
