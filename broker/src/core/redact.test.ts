import { describe, expect, test } from 'vitest';
import { withoutSecrets, withoutSecretsIn, withoutTokenForms } from './redact.ts';

const secret = 'se/cret+value 123';

describe('withoutSecrets', () => {
  test.each([
    ['as it is', `a ${secret} b`],
    ['in a URL', `a ${encodeURIComponent(secret)} b`],
    ['in a form', `a ${new URLSearchParams({ '': secret }).toString().slice(1)} b`],
    ['in base64', `a ${Buffer.from(secret).toString('base64')} b`],
    ['in base64url', `a ${Buffer.from(secret).toString('base64url')} b`],
  ])('hides a secret %s', (_, text) => {
    expect(withoutSecrets(text, [secret])).toBe('a [hidden] b');
  });

  test('hides the beginning of a secret that was cut at the end', () => {
    expect(withoutSecrets(`a ${secret.slice(0, 12)}`, [secret])).toBe('a [hidden]');
  });

  test('leaves what is not secret, and does not look for very short secrets', () => {
    expect(withoutSecrets('code is invalid', ['is', undefined, ''])).toBe('code is invalid');
    expect(withoutSecrets('', [secret])).toBe('');
  });
});

test.each([
  ['invalid code 4/0AX4XfWh9kQ2abcdefghij', 'invalid code [hidden]'],
  ['eyJhbGciOiJSUzI1NiJ9.e30.c2ln', '[hidden]'],
  [
    'AADSTS7000215: Trace ID: 1c1f2f0a-9c1d-4a0a-8f44-3c5dd1a6a200',
    'AADSTS7000215: Trace ID: 1c1f2f0a-9c1d-4a0a-8f44-3c5dd1a6a200',
  ],
  ['The client_authentication_method is unsupported', 'The client_authentication_method is unsupported'],
])('withoutTokenForms: %j', (text, expected) => {
  expect(withoutTokenForms(text)).toBe(expected);
});

describe('withoutSecretsIn', () => {
  const secret = 'a"b\\c é secret/+';
  const other = 'at-0123456789abcdef';

  test.each([
    {
      kept: { runs: [{ text: `x ${secret} y`, count: 3, none: null }] },
      shown: { runs: [{ text: 'x [hidden] y', count: 3, none: null }] },
    },
    { kept: { [`key ${other}`]: true }, shown: { 'key [hidden]': true } },
    {
      kept: { url: `https://a.example/?t=${encodeURIComponent(secret)}` },
      shown: { url: 'https://a.example/?t=[hidden]' },
    },
    { kept: { header: Buffer.from(other).toString('base64') }, shown: { header: '[hidden]' } },
    { kept: { cut: `the answer was ${other.slice(0, 9)}` }, shown: { cut: 'the answer was [hidden]' } },
  ])('hides a secret anywhere in a value: $kept', ({ kept, shown }) => {
    expect(withoutSecretsIn(kept, [other, undefined, secret])).toEqual(shown);
  });

  test('leaves a value without secrets as it is', () => {
    const value = { steps: [{ step: 'script.run', fields: { ms: 1 } }], failure: undefined };
    expect(withoutSecretsIn(value, [secret, other])).toEqual(value);
  });
});
