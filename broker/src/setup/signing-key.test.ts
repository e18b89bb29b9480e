import { createHash, createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { calculateJwkThumbprint, importJWK, type JWK, jwtVerify, SignJWT } from 'jose';
import { expect, test } from 'vitest';
import { parseKeyring } from '../vault/keyring.ts';
import { createVault } from '../vault/vault.ts';
import { createSigningKey, createTokenKey } from './signing-key.ts';

const parsed = parseKeyring(`k1:${Buffer.from([...Array(32).keys()]).toString('base64')}`);
if (!('keyring' in parsed)) throw new Error('a bad keyring');
const vault = createVault(parsed);

const make = (name: string, now: Date) => createSigningKey(vault, { state: 'current', name, now });
const at = new Date('2026-11-21T12:34:56Z');
const certificateOf = (jwk: { readonly x5c?: unknown }) =>
  new X509Certificate(Buffer.from((jwk.x5c as readonly string[])[0] ?? '', 'base64'));

test('x5c holds a certificate of the published key, signed with it, for the name and time it was made for', async () => {
  const { publicJwk } = await make('id.example.com', at);
  const certificate = certificateOf(publicJwk);
  expect(certificate.subject).toBe('CN=id.example.com');
  expect(certificate.issuer).toBe('CN=id.example.com');
  expect(new Date(certificate.validFrom)).toEqual(at);
  expect(new Date(certificate.validTo)).toEqual(new Date('2039-11-21T12:34:56Z'));
  expect(certificate.serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/);
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  const published = createPublicKey({ key: publicJwk as JWK, format: 'jwk' });
  expect(certificate.publicKey.equals(published)).toBe(true);
});

test('x5t is the SHA-1 of the certificate, kid the thumbprint of the key (RFC 7517 §4.8, RFC 7638)', async () => {
  const { id, publicJwk } = await make('localhost', at);
  const { raw } = certificateOf(publicJwk);
  expect(publicJwk.x5t).toBe(createHash('sha1').update(raw).digest('base64url'));
  expect(publicJwk.kid).toBe(id);
  expect(await calculateJwkThumbprint(publicJwk as JWK)).toBe(id);
  expect(Object.keys(publicJwk).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use', 'x5c', 'x5t']);
});

test('what the sealed key signs, the published key verifies; it opens under its own id only', async () => {
  const key = await make('localhost', at);
  const der = vault.openKey(key.id, key.sealedMaterial);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const jwt = await new SignJWT({ a: 1 }).setProtectedHeader({ alg: 'RS256' }).sign(privateKey);
  await jwtVerify(jwt, await importJWK(key.publicJwk as JWK, 'RS256'));
  const other = await make('localhost', at);
  expect(other.id).not.toBe(key.id);
  expect(() => vault.openKey(other.id, key.sealedMaterial)).toThrow();
});

test.each([
  ['a long name is cut', 'x'.repeat(100), `CN=${'x'.repeat(64)}`, at],
  ['an end after 2049 is written as GeneralizedTime', 'localhost', 'CN=localhost', new Date('2037-01-02T03:04:05Z')],
  ['a start after 2049 too', 'localhost', 'CN=localhost', new Date('2051-01-02T03:04:05Z')],
])('%s, and the certificate is read', async (_, name, subject, now) => {
  const certificate = certificateOf((await make(name, now)).publicJwk);
  expect(certificate.subject).toBe(subject);
  expect(new Date(certificate.validFrom)).toEqual(now);
  expect(new Date(certificate.validTo).getUTCFullYear()).toBe(now.getUTCFullYear() + 13);
});

test('a token key is 32 sealed bytes that are never published', () => {
  const [first, second] = [createTokenKey(vault, at), createTokenKey(vault, at)];
  expect(vault.openKey(first.id, first.sealedMaterial)).toHaveLength(32);
  expect(vault.openKey(first.id, first.sealedMaterial)).not.toEqual(vault.openKey(second.id, second.sealedMaterial));
  expect(first.publicJwk).toEqual({});
});
