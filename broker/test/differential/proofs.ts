import { createHmac, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import type { Handles } from './draft.ts';

/*
 * What clients sign: assertions (RFC 7523) and DPoP proofs (RFC 9449), made at once, and bent as a mutation asks.
 */

export const clientKeys = generateKeyPairSync('rsa', { modulusLength: 2048 });
const proofKeys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const otherKeys = generateKeyPairSync('ec', { namedCurve: 'P-256' });

export type Bent = {
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: (now: number, handles: Handles) => Readonly<Record<string, unknown>>;
  /** Of the finished text. */
  readonly text?: (jwt: string) => string;
  readonly signsWith?: 'another key' | 'the public key as a secret' | 'nothing';
};

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function signJwt(parts: { header: object; claims: object; key: KeyObject; bent: Bent }): string {
  const { header, claims, key, bent } = parts;
  const signed = `${encode({ ...header, ...bent.header })}.${encode(claims)}`;
  const jwt = `${signed}.${signatureOf(signed, key, bent)}`;
  return bent.text === undefined ? jwt : bent.text(jwt);
}

function signatureOf(signed: string, key: KeyObject, { signsWith }: Bent): string {
  if (signsWith === 'nothing') return '';
  if (signsWith === 'the public key as a secret') {
    const pem = clientKeys.publicKey.export({ format: 'pem', type: 'spki' });
    return createHmac('sha256', pem).update(signed).digest('base64url');
  }
  const isElliptic = key.asymmetricKeyType === 'ec';
  const used = signsWith === 'another key' ? otherKeys.privateKey : key;
  const options = isElliptic ? { key: used, dsaEncoding: 'ieee-p1363' as const } : key;
  return sign('sha256', Buffer.from(signed), options).toString('base64url');
}

/** Of the client `keyed`, for this server. */
export function createAssertion(handles: Handles, bent: Bent = {}): string {
  const now = Math.floor(Date.now() / 1000);
  const common = { iss: 'keyed', sub: 'keyed', aud: handles.issuer, iat: now, exp: now + 60, jti: randomUUID() };
  const claims = { ...common, ...bent.claims?.(now, handles) };
  return signJwt({ header: { alg: 'RS256' }, claims, key: clientKeys.privateKey, bent });
}

/** For a POST to this path of this server. */
export function createProof(handles: Handles, path: string, bent: Bent = {}): string {
  const now = Math.floor(Date.now() / 1000);
  const common = { jti: randomUUID(), htm: 'POST', htu: `${handles.url}${path}`, iat: now, nonce: handles.nonce };
  const claims = { ...common, ...bent.claims?.(now, handles) };
  const header = { alg: 'ES256', typ: 'dpop+jwt', jwk: proofKeys.publicKey.export({ format: 'jwk' }) };
  return signJwt({ header, claims, key: proofKeys.privateKey, bent });
}

export const privateProofJwk = proofKeys.privateKey.export({ format: 'jwk' });
export const otherProofJwk = otherKeys.publicKey.export({ format: 'jwk' });
