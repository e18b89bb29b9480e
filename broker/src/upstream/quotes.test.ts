import { expect, test } from 'vitest';
import { quotes } from './quotes.ts';

const body = '{"email":"ada@example.com","message":"Quota exceeded for project 12345678901","required":true}';
const source = "callback(new Error('Missing required fields')); callback(new Error('HTTP ' + status + ': ' + body));";

test.each([
  ['HTTP 500: {"email":"ada@example.com"', true],
  ['user ADA@EXAMPLE.COM is unknown', true],
  ['Quota exceeded', true],
  ['project 12345678901', true],
  ['token at-secret-token-1 was refused', true],
  ['part: secret-t', true],
  ['Missing required fields', false],
  ['HTTP 500: ', false],
  ['access_token is not defined', false],
  ['exceed', false],
  ['', false],
])("%j quotes what was not the author's: %s", (message, expected) => {
  expect(quotes(message, { secretTexts: [body, 'at-secret-token-1', 'short'], ownText: source })).toBe(expected);
});

test('without texts there is nothing to quote', () => {
  expect(quotes('anything at all', { secretTexts: [], ownText: '' })).toBe(false);
});
