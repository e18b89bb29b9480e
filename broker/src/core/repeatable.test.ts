import { expect, test } from 'vitest';
import { repeatable } from './repeatable.ts';

test.each([
  'magic',
  'web-1',
  'urn:acme:wish',
  'urn:ietf:params:oauth:grant-type:saml2-bearer',
  'http://auth0.com/x/y-z',
])('%s is repeated as it came', (text) => {
  expect(repeatable(text)).toBe(text);
});

test.each([
  'refresh_tokenclient_secret=web-secret-0123456789',
  `webac_${'x'.repeat(43)}`,
  `urn:ietf:params:oauth:grant-type:device_codedc_${'X'.repeat(43)}`,
  'two words',
  'a\r\nb',
  '',
])('%j is not: a secret may be stuck to it', (text) => {
  expect(repeatable(text)).toBe('(unreadable)');
});
