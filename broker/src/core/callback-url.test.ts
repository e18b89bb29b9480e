import { describe, expect, test } from 'vitest';
import { hasWildcard, isListed, isProvenCallback, problemOfListed } from './callback-url.ts';

const usable = [
  'https://*.example.com/callback',
  'https://*.preview.example.com',
  'https://pr-*.example.com/callback?x=1',
  'http://*-preview.example.com:8080/callback',
  'https://pr-*-web.example.com/',
];

test.each(usable)('DN-04 %s may be listed, and is a wildcard', (url) => {
  expect(problemOfListed(url)).toBe(undefined);
  expect(hasWildcard(url)).toBe(true);
});

test.each([
  'https://*/callback',
  'https://*.com/callback',
  'https://app.*.example.com/callback',
  'https://*.*.example.com/callback',
  'https://**.example.com/callback',
  'https://user@*.example.com/callback',
  'https://*.example.com@evil.com/callback',
  'https://*.example.com/callback#x',
  'https://*.example.com\\@evil.com/callback',
  'https://*.example.com /callback',
  'ftp://*.example.com/callback',
  'com.*.example.app://callback.example.com',
  'HTTPS://*.EXAMPLE.com/callback',
  'javascript://*.example.com/%0aalert(1)',
])('DN-04 %s may not be listed', (url) => {
  if (!url.startsWith('com.')) expect(problemOfListed(url)).not.toBe(undefined);
  expect(hasWildcard(url) && problemOfListed(url) === undefined).toBe(false);
});

describe('a wildcard', () => {
  const listed = ['https://pr-*.example.com/callback', 'https://*.app.example.com:8443/cb?x=1'];

  test.each([
    'https://pr-17.example.com/callback',
    'https://pr-a-b.example.com/callback',
    'https://one.app.example.com:8443/cb?x=1',
  ])('stands for one label: %s', (url) => expect(isListed(listed, url)).toBe(true));

  test.each([
    'https://pr-.example.com/callback',
    'https://pr-1.2.example.com/callback',
    'https://pr-1.example.com/callback/',
    'https://pr-1.example.com/Callback',
    'https://PR-1.example.com/callback',
    'https://pr-A.example.com/callback',
    'https://pr-1.example.com:443/callback',
    'http://pr-1.example.com/callback',
    'https://pr-*.example.com/callback',
    'https://pr-evil.com/.example.com/callback',
    'https://pr-evil.com#.example.com/callback',
    'https://pr-evil.com?.example.com/callback',
    'https://pr-evil.com\\.example.com/callback',
    'https://pr-@evil.com/.example.com/callback',
    'https://pr-evil.com%2f.example.com/callback',
    'https://pr-x\t.example.com/callback',
    'https://pr-\u0430.example.com/callback',
    'https://pr-x\u3002.example.com/callback',
    `https://pr-${'x'.repeat(64)}.example.com/callback`,
    'https://pr-1.example.com.evil.com/callback',
    'https://evil.com/https://pr-1.example.com/callback',
    'https://app.example.com:8443/cb?x=1',
    'https://.app.example.com:8443/cb?x=1',
    'https://one.app.example.com:8443/cb?x=2',
    'https://one.app.example.com/cb?x=1',
  ])('and for nothing else: %s', (url) => expect(isListed(listed, url)).toBe(false));

  test('without two labels after it, it is no wildcard', () => {
    expect(isListed(['https://*.com/cb', 'https://*/cb'], 'https://evil.com/cb')).toBe(false);
  });
});

test.each([
  ['https://app.example.com/callback', true],
  ['http://app.example.com/callback', true],
  ['https://localhost.evil.com/cb', true],
  ['http://localhost:3000/callback', false],
  ['https://localhost/callback', false],
  ['http://app.localhost/callback', false],
  ['http://127.0.0.1:8080/cb', false],
  ['http://127.8.8.8/cb', false],
  ['http://[::1]/cb', false],
  ['com.example.app:/callback', false],
  ['not a url', false],
])('whether only one party answers at %s: %s', (url, isProven) => expect(isProvenCallback(url)).toBe(isProven));
