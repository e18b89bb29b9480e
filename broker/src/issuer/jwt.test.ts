import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { decodeProtectedHeader, jwtVerify, SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { signJwt, verifyOwnJwt } from './jwt.ts';
import type { KeySet, SigningKey } from './keys.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const headersOf = (alg: 'RS256' | 'PS256', kid: string) => ({
  JWT: encode({ alg, typ: 'JWT', kid }),
  'at+jwt': encode({ alg, typ: 'at+jwt', kid }),
  'logout+jwt': encode({ alg, typ: 'logout+jwt', kid }),
});
const signing: SigningKey = {
  privateKey,
  encodedHeaders: { RS256: headersOf('RS256', 'k'), PS256: headersOf('PS256', 'p') },
};
const keySet = {
  signing,
  publicKeys: new Map([
    ['k', { algorithm: 'RS256', key: publicKey }],
    ['p', { algorithm: 'PS256', key: publicKey }],
  ]),
} as unknown as KeySet;
const claims = { iss: 'https://id.example.com/', sub: 'oauth2|a|ü' };

test('a signed token is verified by a library and by us', async () => {
  const token = await signJwt(signing, claims);
  expect(decodeProtectedHeader(token)).toEqual({ alg: 'RS256', typ: 'JWT', kid: 'k' });
  expect((await jwtVerify(token, publicKey)).payload).toEqual(claims);
  expect(verifyOwnJwt(keySet, token)).toEqual(claims);
});

test('a token is signed as PS256 and as at+jwt where that is asked for', async () => {
  const token = await signJwt(signing, claims, { algorithm: 'PS256', type: 'at+jwt' });
  expect(decodeProtectedHeader(token)).toEqual({ alg: 'PS256', typ: 'at+jwt', kid: 'p' });
  expect((await jwtVerify(token, publicKey, { algorithms: ['PS256'] })).payload).toEqual(claims);
  expect(verifyOwnJwt(keySet, token)).toEqual(claims);
});

test('an old token is verified too: expiry is for the caller to judge', async () => {
  expect(verifyOwnJwt(keySet, await signJwt(signing, { ...claims, exp: 1 }))).toEqual({ ...claims, exp: 1 });
});

describe('is not taken for ours', () => {
  const signed = (header: Record<string, unknown>, by: KeyObject = privateKey) =>
    new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'k', ...header }).sign(by, { crit: { x: true } });

  test('a token without signature (JW-01)', () => {
    for (const alg of ['none', 'None', 'NONE', '']) {
      expect(verifyOwnJwt(keySet, `${encode({ alg, kid: 'k' })}.${encode(claims)}.`)).toBeUndefined();
      expect(verifyOwnJwt(keySet, `${encode({ alg, kid: 'k' })}.${encode(claims)}.AAAA`)).toBeUndefined();
    }
  });

  test('a token that is signed with our public key as a shared secret (JW-02)', () => {
    const input = `${encode({ alg: 'HS256', kid: 'k' })}.${encode(claims)}`;
    for (const format of ['pem', 'der'] as const) {
      const secret = publicKey.export({ type: 'spki', format } as { type: 'spki'; format: 'pem' });
      const signature = createHmac('sha256', secret).update(input).digest('base64url');
      expect(verifyOwnJwt(keySet, `${input}.${signature}`)).toBeUndefined();
    }
  });

  test.each([
    ['a token of another key under our kid', () => signed({}, stranger.privateKey)],
    ['a token of ours under an unknown kid', () => signed({ kid: 'other' })],
    ['a token without kid', () => signed({ kid: undefined })],
    ['a token of another algorithm', () => signed({ alg: 'RS512' })],
    ['a token of another algorithm than its kid is for', () => signed({ kid: 'p' })],
    ['a token with critical extensions', () => signed({ crit: ['x'], x: 1 })],
  ])('%s', async (_, make) => {
    expect(verifyOwnJwt(keySet, await make())).toBeUndefined();
  });

  test('a token with one changed byte, in whatever part', async () => {
    const token = await signJwt(signing, claims);
    for (const index of [0, 1, 2]) {
      const parts = token.split('.');
      const bytes = Buffer.from(parts[index] ?? '', 'base64url');
      for (let at = 0; at < bytes.length; at += 7) {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ 1;
        expect(verifyOwnJwt(keySet, parts.with(index, changed.toString('base64url')).join('.'))).toBeUndefined();
      }
    }
  });

  test.each(['', '.', '..', 'a.b', 'a.b.c', 'a.b.c.d', 'e30.e30.e30', 'bnVsbA.bnVsbA.bnVsbA', '\u0000.\u0000.\u0000'])(
    '%j',
    (token) => {
      expect(verifyOwnJwt(keySet, token)).toBeUndefined();
    },
  );

  test('a token with padding or white space in its parts', async () => {
    const [head, body, signature] = (await signJwt(signing, claims)).split('.');
    for (const token of [
      `${head}=.${body}.${signature}`,
      `${head}.${body}.${signature}=`,
      ` ${head}.${body}.${signature}`,
      `${head}.${body}.${signature}\n`,
    ]) {
      expect(verifyOwnJwt(keySet, token)).toBeUndefined();
    }
  });
});
