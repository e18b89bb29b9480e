import { createHash, randomUUID } from 'node:crypto';
import {
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  type JWK,
  type JWTPayload,
  SignJWT,
} from 'jose';

/*
 * What applications prove themselves with: keys, assertions (RFC 7523) and DPoP proofs (RFC 9449), made by a library.
 */

export type ProofKey = { readonly privateKey: CryptoKey; readonly jwk: JWK; readonly thumbprint: string };

export async function createProofKey(algorithm = 'ES256'): Promise<ProofKey> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
  const jwk = await exportJWK(publicKey);
  return { privateKey, jwk, thumbprint: await calculateJwkThumbprint(jwk) };
}

type Overrides = {
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: Readonly<Record<string, unknown>>;
};

const withoutUndefined = (claims: Readonly<Record<string, unknown>>): JWTPayload =>
  Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));

/** A DPoP proof; `claims` and `header` replace members, undefined removes one. */
export function createProof(
  key: ProofKey,
  { method, url, accessToken, now }: { method: string; url: string; accessToken?: string; now: Date },
  { header = {}, claims = {} }: Overrides = {},
): Promise<string> {
  const ath = accessToken === undefined ? {} : { ath: createHash('sha256').update(accessToken).digest('base64url') };
  const iat = Math.floor(now.getTime() / 1000);
  const payload = withoutUndefined({ jti: randomUUID(), htm: method, htu: url, iat, ...ath, ...claims });
  return new SignJWT(payload)
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: key.jwk, ...header })
    .sign(key.privateKey);
}

/** A client assertion; `claims` and `header` replace members, undefined removes one. */
export function createAssertion(
  key: CryptoKey,
  { clientId, audience, now }: { clientId: string; audience: string; now: Date },
  { header = {}, claims = {} }: Overrides = {},
): Promise<string> {
  const iat = Math.floor(now.getTime() / 1000);
  const common = { iss: clientId, sub: clientId, aud: audience, iat, exp: iat + 60, jti: randomUUID() };
  return new SignJWT(withoutUndefined({ ...common, ...claims }))
    .setProtectedHeader({ alg: 'RS256', ...header })
    .sign(key);
}

export const assertionForm = (assertion: string) => ({
  client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  client_assertion: assertion,
});
