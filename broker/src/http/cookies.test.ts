import { describe, expect, test } from 'vitest';
import { clearCookie, cookieName, readCookie, setCookie } from './cookies.ts';

const secure = { isSecure: true, sameSite: 'None' } as const;
const plain = { isSecure: false, sameSite: 'None' } as const;

describe('a cookie that is set', () => {
  test('over https is bound to the host, sent there only, and hidden from scripts', () => {
    expect(setCookie('auth0', 'v', { ...secure, maxAgeSeconds: 60 })).toBe(
      '__Host-auth0=v; Path=/; HttpOnly; Max-Age=60; Secure; SameSite=None',
    );
  });

  test('over plain http has no Secure, and so no SameSite=None', () => {
    expect(setCookie('auth0', 'v', plain)).toBe('auth0=v; Path=/; HttpOnly; SameSite=Lax');
  });

  test('never names a domain', () => {
    for (const options of [secure, plain]) expect(setCookie('a', 'v', options)).not.toMatch(/domain/i);
  });

  test('is cleared under the name and attributes that it was set with', () => {
    expect(clearCookie('auth0', secure)).toBe('__Host-auth0=; Path=/; HttpOnly; Max-Age=0; Secure; SameSite=None');
    expect(clearCookie('auth0', plain)).toBe('auth0=; Path=/; HttpOnly; Max-Age=0; SameSite=Lax');
  });

  test('is read under that name', () => {
    expect([cookieName('a', true), cookieName('a', false)]).toEqual(['__Host-a', 'a']);
  });
});

describe('a Cookie header', () => {
  test.each([
    ['a=1', '1'],
    ['b=2; a=1', '1'],
    ['b=2;a=1', '1'],
    [' a = 1 ', '1'],
    ['a=1=2', '1=2'],
    ['a=', ''],
    ['a=first; a=second', 'first'],
    ['aa=1; ba=2; A=3', undefined],
    ['x; =a; a', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%j', (header, value) => {
    expect(readCookie(header, 'a')).toBe(value);
  });
});
