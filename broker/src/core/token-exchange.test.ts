import { expect, test } from 'vitest';
import { problemOfSubjectTokenType } from './token-exchange.ts';

test('a type of subject token is an address or a urn of the tenant', () => {
  for (const type of ['urn:acme:legacy-token', 'https://acme.example/token-types/one', 'http://acme.example/x']) {
    expect(problemOfSubjectTokenType(type)).toBeUndefined();
  }
  for (const type of ['legacy', 'urn:', 'urn:a b', 'javascript:alert(1)', 'ftp://acme.example/x', '']) {
    expect(problemOfSubjectTokenType(type)).toBe('is not an http(s) address or a urn');
  }
  for (const type of [
    'urn:ietf:params:oauth:token-type:access_token',
    'URN:IETF:params:oauth:token-type:access_token',
    'urn:auth0:x',
    'urn:okta:x',
    'http://auth0.com/x',
    'https://auth0.com/x',
    'http://okta.com/x',
    'HTTPS://OKTA.COM/x',
  ]) {
    expect(problemOfSubjectTokenType(type)).toBe('is in a reserved namespace');
  }
});
