import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import { describe, expect, test } from 'vitest';
import { readClientKey } from './client-key.ts';
import type { JsonObject } from './json.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = (key: KeyObject) => key.export({ format: 'pem', type: 'spki' }) as string;
const jwk = (key: KeyObject): JsonObject => JSON.parse(JSON.stringify(key.export({ format: 'jwk' })));

test('a PEM and a JWK of the same key are the same key, named by its thumbprint', async () => {
  const { e, kty, n } = jwk(rsa.publicKey);
  const expected = {
    publicJwk: { e, kty, n },
    keyId: await calculateJwkThumbprint({ e: String(e), kty: String(kty), n: String(n) }),
    certificateExpiresAt: undefined,
  };
  expect(readClientKey({ pem: pem(rsa.publicKey) })).toEqual(expected);
  expect(readClientKey({ jwk: jwk(rsa.publicKey) })).toEqual(expected);
});

test('a JWK may bring its own name, and of its other members nothing is kept', () => {
  const key = readClientKey({
    jwk: { ...jwk(rsa.publicKey), kid: 'mine', use: 'sig', x5u: 'https://evil.example.com' },
  });
  expect(key).toMatchObject({ keyId: 'mine' });
  expect(JSON.stringify(key)).not.toContain('evil');
});

describe('is refused, and told without a letter of it', () => {
  const short = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  test.each([
    ['a private PEM', { pem: rsa.privateKey.export({ format: 'pem', type: 'pkcs8' }) as string }, /private/],
    ['a private JWK', { jwk: jwk(rsa.privateKey) }, /private/],
    ['a secret', { jwk: { kty: 'oct', k: 'c2VjcmV0' } }, /private/],
    ['a short key', { pem: pem(short.publicKey) }, /1024 bits/],
    ['a key on a curve', { pem: pem(curve.publicKey) }, /not an RSA key/],
    ['text', { pem: 'hello' }, /cannot be read/],
    ['a broken PEM', { pem: '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----' }, /cannot be read/],
    ['a broken certificate', { pem: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----' }, /cannot be read/],
    ['an empty JWK', { jwk: {} }, /cannot be read/],
    ['nothing', {}, /either pem or jwk/],
    ['both', { pem: pem(rsa.publicKey), jwk: jwk(rsa.publicKey) }, /either pem or jwk/],
  ])('%s', (_, given, problem) => {
    expect(readClientKey(given)).toMatch(problem);
  });
});
