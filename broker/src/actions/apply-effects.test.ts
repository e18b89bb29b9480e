import { describe, expect, test } from 'vitest';
import type { Json } from '../core/json.ts';
import { applyEffects, type Effect } from './apply-effects.ts';
import { changeTexts, noChanges } from './changes.ts';

const effect = (name: string, ...values: Json[]): Effect => ({ name, arguments: values });
const apply = (...effects: Effect[]) => applyEffects(noChanges(['openid', 'read:shows']), effects);

test('effects count in order: the last claim, the first denial, scopes as they were left', () => {
  const applied = apply(
    effect('idToken.setCustomClaim', 'plan', 'silver'),
    effect('idToken.setCustomClaim', 'plan', 'gold'),
    effect('accessToken.setCustomClaim', 'plan', null),
    effect('accessToken.addScope', 'write:shows'),
    effect('accessToken.addScope', 'read:shows'),
    effect('accessToken.removeScope', 'openid'),
    effect('access.deny', 'first'),
    effect('access.deny', 'second'),
  );
  expect(applied.changes.claims).toEqual({ idToken: { plan: 'gold' }, accessToken: { plan: null } });
  expect(applied.changes.scopes).toEqual(['read:shows', 'write:shows']);
  expect(applied.denial).toEqual(['first']);
});

test.each([
  'sub',
  'iss',
  'aud',
  'exp',
  'iat',
  'nonce',
  'sid',
  'azp',
  'scope',
  'x5t#S256',
  'sip_from',
  '__proto__',
  'constructor',
  'https://auth0.com/x',
  'https://my.auth0.com/x',
  'http://user@webtask.io:80/',
  'urn:auth0:x',
  'https://x.webtask.run',
])('the claim %j is left out', (name) => {
  const applied = apply(
    effect('idToken.setCustomClaim', name, 'forged'),
    effect('accessToken.setCustomClaim', name, 1),
  );
  expect(applied.changes.claims).toEqual({ idToken: {}, accessToken: {} });
  expect(applied.ignored).toHaveLength(2);
});

test.each(['roles_of_mine', 'https://example.com/auth0.com', 'https://notauth0.com/x', 'urn:example', 'Sub', 'email'])(
  'the claim %j is set',
  (name) => {
    expect(apply(effect('idToken.setCustomClaim', name, 1)).changes.claims.idToken).toEqual({ [name]: 1 });
  },
);

test('metadata is collected by key; keys that reach a prototype and keys that are no text are not', () => {
  const applied = apply(
    effect('user.setUserMetadata', 'theme', 'dark'),
    effect('user.setUserMetadata', 'gone'),
    effect('user.setAppMetadata', '__proto__', { polluted: true }),
    effect('user.setAppMetadata', 7, 'x'),
    effect('transaction.setMetadata', 'step', 1),
  );
  expect(applied.changes).toMatchObject({
    userMetadata: { theme: 'dark', gone: null },
    appMetadata: {},
    transactionMetadata: { step: 1 },
  });
});

describe('redirect.sendUserTo', () => {
  test('puts the query into the address', () => {
    const applied = apply(
      effect('redirect.sendUserTo', 'https://example.com/a?b=1#c', { query: { token: 'x y', n: 2, list: ['a'] } }),
    );
    expect(applied.redirectUrl).toBe('https://example.com/a?b=1&token=x+y&n=2&list=%5B%22a%22%5D#c');
  });

  test.each([
    'javascript:alert(1)',
    'data:text/html,x',
    '/relative',
    'ftp://example.com',
    'https://a:b@example.com',
    '',
    7,
  ])('to %j ends the sign-in', (address) => {
    const applied = apply(effect('redirect.sendUserTo', address));
    expect(applied.redirectUrl).toBeUndefined();
    expect(applied.unserved).toMatch(/^redirect\.sendUserTo/);
  });
});

test.each([
  'multifactor.enable',
  'authentication.challengeWith',
  'authentication.enrollWithAny',
  'authentication.setPrimaryUser',
  'prompt.render',
  'session.revoke',
  'refreshToken.revoke',
])('%s is not passed over', (name) => {
  expect(apply(effect(name, 'any')).unserved).toBe(name);
});

test.each(['samlResponse.setAttribute', 'session.setMetadata', 'refreshToken.setExpiresAt', 'unheard.of'])(
  '%s is told as ignored',
  (name) => {
    const applied = apply(effect(name, 'a'));
    expect([applied.unserved, applied.ignored]).toEqual([undefined, [`${name} a`]]);
  },
);

test('the right to stay is not added, nor what is no scope; a second factor can be taken back', () => {
  const applied = apply(
    effect('accessToken.addScope', 'offline_access'),
    effect('accessToken.addScope', 'two words'),
    effect('accessToken.addScope', ''),
    effect('accessToken.addScope', 'quo"te'),
    effect('multifactor.enable', 'none'),
  );
  expect(applied.changes.scopes).toEqual(['openid', 'read:shows']);
  expect(applied.unserved).toBeUndefined();
});

test('texts of a session and of a refresh token are collected apart; what was there before goes with evictMetadata', () => {
  const { changes, ignored } = apply(
    effect('session.setMetadata', 'a', '1'),
    effect('session.deleteMetadata', 'b'),
    effect('refreshToken.setMetadata', 'a', 'lost'),
    effect('refreshToken.evictMetadata'),
    effect('refreshToken.setMetadata', 'c', '3'),
    effect('session.setMetadata', 'd', null),
    effect('session.setMetadata', 'constructor', 'x'),
  );
  expect(changes.sessionMetadata).toEqual({ isEmptied: false, texts: { a: '1', b: null } });
  expect(changes.refreshTokenMetadata).toEqual({ isEmptied: true, texts: { c: '3' } });
  expect(changeTexts({ a: '0', b: '2', e: '5' }, changes.sessionMetadata)).toEqual({ a: '1', e: '5' });
  expect(changeTexts({ a: '0' }, changes.refreshTokenMetadata)).toEqual({ c: '3' });
  expect(ignored).toEqual(['session.setMetadata d', 'session.setMetadata constructor']);
});
