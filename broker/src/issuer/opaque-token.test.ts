import { createSecretKey, randomBytes } from 'node:crypto';
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader } from 'jose';
import { describe, expect, test } from 'vitest';
import type { KeySet } from './keys.ts';
import { openOpaqueToken, sealOpaqueToken } from './opaque-token.ts';

const issuer = 'https://id.example.com/';
const claims = { iss: issuer, sub: 'oauth2|a|ü', scope: 'openid', exp: 2_000_000_000 };

const tokenKey = (id: string) => ({ id, key: createSecretKey(randomBytes(32)) });
const keySetOf = (...tokenKeys: ReturnType<typeof tokenKey>[]) => ({ tokenKeys }) as unknown as KeySet;
const current = tokenKey('tk_now');
const keySet = keySetOf(current);

test('an opaque token is a compact JWE that any library opens with the key (RFC 7516)', async () => {
  const token = sealOpaqueToken(keySet, issuer, claims);
  expect(decodeProtectedHeader(token)).toEqual({ alg: 'dir', enc: 'A256GCM', iss: issuer, kid: 'tk_now' });
  const { plaintext } = await compactDecrypt(token, current.key);
  expect(JSON.parse(new TextDecoder().decode(plaintext))).toEqual(claims);
});

test('a JWE that a library made with the key opens here', async () => {
  const token = await new CompactEncrypt(new TextEncoder().encode(JSON.stringify(claims)))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: 'tk_now' })
    .encrypt(current.key);
  expect(openOpaqueToken(keySet, token)).toEqual(claims);
});

test('after a rotation the first key seals and the older one still opens', () => {
  const next = tokenKey('tk_next');
  const old = sealOpaqueToken(keySet, issuer, claims);
  const rotated = keySetOf(next, current);
  expect(openOpaqueToken(rotated, old)).toEqual(claims);
  expect(decodeProtectedHeader(sealOpaqueToken(rotated, issuer, claims)).kid).toBe('tk_next');
  expect(openOpaqueToken(keySetOf(next), old)).toBeUndefined();
});

describe('is refused', () => {
  const token = sealOpaqueToken(keySet, issuer, claims);
  const [header = '', , iv = '', text = '', tag = ''] = token.split('.');
  const headerOf = (more: object) =>
    Buffer.from(JSON.stringify({ alg: 'dir', enc: 'A256GCM', iss: issuer, kid: 'tk_now', ...more })).toString(
      'base64url',
    );
  const shorter = Buffer.from(tag, 'base64url').subarray(0, 12).toString('base64url');

  test.each([
    ['a token without key part but six parts', `${token}.x`],
    ['four parts', [header, '', iv, text].join('.')],
    ['a wrapped key', [header, 'AAAA', iv, text, tag].join('.')],
    ['a short tag', [header, '', iv, text, shorter].join('.')],
    ['no tag', [header, '', iv, text, ''].join('.')],
    ['another header with the same key', [headerOf({ iss: 'https://evil.example/' }), '', iv, text, tag].join('.')],
    ['another algorithm', [headerOf({ alg: 'A256KW' }), '', iv, text, tag].join('.')],
    ['another encryption', [headerOf({ enc: 'A128GCM' }), '', iv, text, tag].join('.')],
    ['an unknown key', [headerOf({ kid: 'tk_other' }), '', iv, text, tag].join('.')],
    ['no iv', [header, '', '', text, tag].join('.')],
    ['a header that is not JSON', ['AAAA', '', iv, text, tag].join('.')],
    ['a header that is null', [Buffer.from('null').toString('base64url'), '', iv, text, tag].join('.')],
    ['nothing', ''],
    ['dots', '....'],
  ])('%s', (_, given) => {
    expect(openOpaqueToken(keySet, given)).toBeUndefined();
  });

  test('any changed byte', () => {
    for (const index of [2, 3, 4]) {
      const parts = token.split('.');
      const bytes = Buffer.from(parts[index] ?? '', 'base64url');
      for (let at = 0; at < bytes.length; at += 1) {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ 1;
        expect(openOpaqueToken(keySet, parts.with(index, changed.toString('base64url')).join('.'))).toBeUndefined();
      }
    }
  });

  test('what is sealed but no object', async () => {
    const list = await new CompactEncrypt(new TextEncoder().encode('["sub"]'))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: 'tk_now' })
      .encrypt(current.key);
    expect(openOpaqueToken(keySet, list)).toBeUndefined();
  });
});
