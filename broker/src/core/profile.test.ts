import { describe, expect, test } from 'vitest';
import { UpstreamError } from './errors.ts';
import type { Json } from './json.ts';
import { mapProfile } from './map-profile.ts';
import { type ProfileOptions, reservedProfileKeys, toProfile } from './profile.ts';

const connection = { name: 'acme' };
const profileOf = (value: unknown, options: Partial<ProfileOptions> = {}) =>
  toProfile(value as Json, { connection, ...options });

function failureOf(value: unknown, options: Partial<ProfileOptions> = {}): UpstreamError {
  try {
    profileOf(value, options);
  } catch (error) {
    if (error instanceof UpstreamError) return error;
    throw error;
  }
  throw new Error('the profile was accepted');
}

describe('user id', () => {
  test.each([
    ['1', '1'],
    [1, '1'],
    [1.0, '1'],
    [0, '0'],
    [-0, '0'],
    [-7, '-7'],
    [9007199254740991, '9007199254740991'],
    ['9007199254740993', '9007199254740993'],
    ['netflix|123', 'netflix|123'],
    [' padded ', ' padded '],
    ['x'.repeat(255), 'x'.repeat(255)],
    ['http://idp.example/users/1', 'http://idp.example/users/1'],
    ['👩‍🚀', '👩‍🚀'],
  ])('AC-03: %j is the user %j', (given, expected) => {
    expect(profileOf({ user_id: given }).profile.upstreamUserId).toBe(expected);
  });

  test.each([
    1e21,
    Number('9007199254740993'),
    Number('-9007199254740993'),
    1.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    true,
    false,
    {},
    [],
    ['1'],
    '',
    ' ',
    '\t',
    '\u00a0',
    '1\u0000',
    'a\nb',
    '\u0085',
    'x'.repeat(256),
    'é'.repeat(128),
    'a'.repeat(10_000),
    '\ud800',
    'a\udc00b',
  ])('AC-03: %j is nobody, and the message says how to mend it', (given) => {
    const error = failureOf({ user_id: given, id: 'fallback', sub: 'fallback' });
    expect(error).toMatchObject({ step: 'profile', reason: 'bad_user_id' });
    expect(error.message).toMatch(/^The profile's user_id (is|must|contains)/);
  });

  test('AC-03: composed and decomposed forms, cases and trailing spaces stay different people', () => {
    const ids = ['é', 'e\u0301', 'Abc', 'abc', 'abc '].map((id) => profileOf({ id }).profile.upstreamUserId);
    expect(new Set(ids).size).toBe(5);
  });

  test('user_id goes before id, id before sub; null counts as missing', () => {
    expect(profileOf({ user_id: 'a', id: 'b', sub: 'c' }).profile.upstreamUserId).toBe('a');
    expect(profileOf({ user_id: null, id: 'b', sub: 'c' }).profile.upstreamUserId).toBe('b');
    expect(profileOf({ user_id: undefined, sub: 'c' }).profile.upstreamUserId).toBe('c');
  });

  test('without any there is no user, not even through a prototype', () => {
    expect(failureOf({ email: 'a@b.c' }).reason).toBe('no_user_id');
    expect(failureOf(Object.create({ user_id: 'inherited' })).reason).toBe('no_user_id');
  });

  test.each([null, undefined, 'text', 1, true, []])('%j is no profile', (value) => {
    expect(failureOf(value).reason).toBe('not_an_object');
  });

  test('a token is no user id', () => {
    expect(failureOf({ user_id: 'u-secret-token' }, { tokens: ['secret-token'] }).reason).toBe('bad_user_id');
  });
});

describe('attributes', () => {
  test.each(['false', 'true', 1, 'yes', {}, null, undefined])('AC-12: email_verified %j does not count', (value) => {
    expect(profileOf({ id: '1', email: 'a@b.c', email_verified: value }).profile.attributes.email_verified).toBe(false);
  });

  test('AC-12: only true counts, and absent is false where there is an email', () => {
    expect(profileOf({ id: '1', email: 'a@b.c', email_verified: true }).profile.attributes.email_verified).toBe(true);
    expect(profileOf({ id: '1', email: 'a@b.c' }).profile.attributes.email_verified).toBe(false);
    expect(profileOf({ id: '1' }).profile.attributes).toEqual({ id: '1' });
  });

  test('an email that is not text is no email', () => {
    expect(profileOf({ id: '1', email: ['a@b.c'] }).profile.attributes).not.toHaveProperty('email');
  });

  test('AC-14: what only we may say about a user is stripped', () => {
    const attempt = Object.fromEntries([...reservedProfileKeys].map((key) => [key, 'x']));
    const { profile } = profileOf({ ...attempt, user_id: 'me', blocked: false, logins_count: 9, name: 'Me' });
    expect(profile).toEqual({
      upstreamUserId: 'me',
      attributes: { name: 'Me' },
      userMetadata: undefined,
      appMetadata: undefined,
    });
  });

  test('AC-14: keys that reach a prototype are dropped at every depth', () => {
    const value = JSON.parse(
      '{"id":"1","__proto__":{"a":1},"x":{"constructor":1,"y":[{"prototype":1,"__proto__":{"b":1},"z":1}]}}',
    );
    const { profile } = profileOf(value);
    expect(JSON.stringify(profile.attributes)).toBe('{"id":"1","x":{"y":[{"z":1}]}}');
    expect(({} as Record<string, unknown>).a).toBeUndefined();
  });

  test('unknown keys and nested values are kept, undefined and null are not', () => {
    const { profile } = profileOf({
      id: 5,
      plan: { tier: 'gold', since: null },
      tags: ['a', 1],
      name: undefined,
      nickname: null,
    });
    expect(profile.attributes).toEqual({ id: 5, plan: { tier: 'gold', since: null }, tags: ['a', 1] });
  });

  test('metadata is routed; metadata that is no object is dropped', () => {
    const { profile } = profileOf({ id: '1', user_metadata: { a: 1, b: undefined }, app_metadata: { c: 2 } });
    expect(profile).toMatchObject({ userMetadata: { a: 1 }, appMetadata: { c: 2 }, attributes: { id: '1' } });
    expect(profileOf({ id: '1', user_metadata: 'x', app_metadata: [1] }).profile).toMatchObject({
      userMetadata: undefined,
      appMetadata: undefined,
    });
  });

  test('size and depth are limited', () => {
    const nested = (levels: number): Json =>
      levels === 0 ? 'x' : levels % 2 ? { a: nested(levels - 1) } : [nested(levels - 1)];
    expect(failureOf({ id: '1', a: 'x'.repeat(64 * 1024) }).reason).toBe('too_large');
    expect(failureOf({ id: '1', a: JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)) }).reason).toBe('too_deep');
    expect(failureOf({ id: '1', a: nested(64) }).reason).toBe('too_deep');
    expect(profileOf({ id: '1', a: nested(63) }).profile.attributes).toHaveProperty('a');
  });
});

describe('tokens', () => {
  const tokens = ['access-token-1', 'refresh-token-1', 'short'];
  const value = {
    user_id: '1',
    accessToken: 'access-token-1',
    note: 'short is a word',
    user_metadata: { list: ['a', 'Bearer access-token-1', 'b'], 'access-token-1': 1 },
    app_metadata: { provider: 'acme', access_token: 'access-token-1', deep: { refresh: 'refresh-token-1' } },
  };

  test('a token is taken out wherever it is, and the places are told', () => {
    const { profile, removedTokenPaths } = profileOf(value, { tokens });
    expect(profile.attributes).toEqual({ note: 'short is a word' });
    expect(profile.userMetadata).toEqual({ list: ['a', 'b'] });
    expect(profile.appMetadata).toEqual({ provider: 'acme', deep: {} });
    expect(removedTokenPaths).toEqual([
      'accessToken',
      'user_metadata.list.1',
      'user_metadata.[key]',
      'app_metadata.access_token',
      'app_metadata.deep.refresh',
    ]);
  });

  test('the tenant may keep them in app_metadata, and nowhere else', () => {
    const { profile, removedTokenPaths } = profileOf(value, { tokens, keepsTokensInAppMetadata: true });
    expect(profile.appMetadata).toEqual(value.app_metadata);
    expect(removedTokenPaths).toEqual(['accessToken', 'user_metadata.list.1', 'user_metadata.[key]']);
  });
});

describe('mapProfile', () => {
  const body: Json = {
    accountId: 7,
    avatar: { url: 'https://cdn.example/a.png' },
    emails: [{ value: 'a@b.c' }],
    'https://acme.com/plan': 'gold',
    nothing: null,
    secret: 'not mapped',
  };

  test('nested paths, indexes and keys with dots are read; what is not mapped is not copied', () => {
    const mapping = {
      user_id: 'accountId',
      picture: 'avatar.url',
      email: 'emails.0.value',
      'app_metadata.plan': 'https://acme.com/plan',
      'app_metadata.id': 'accountId',
    };
    expect(mapProfile(body, mapping)).toEqual({
      user_id: 7,
      picture: 'https://cdn.example/a.png',
      email: 'a@b.c',
      app_metadata: { plan: 'gold', id: 7 },
    });
  });

  test('a missing source is absent', () => {
    const mapping = {
      name: 'displayName',
      a: 'avatar.missing.deeper',
      b: 'emails.1.value',
      c: 'emails.length',
      d: 'accountId.toFixed',
      e: '',
      f: undefined,
      g: 'nothing.x',
    };
    expect(mapProfile(body, mapping)).toEqual({});
  });

  test('nothing is read through a prototype, and none is written', () => {
    expect(mapProfile(body, { a: 'constructor', b: '__proto__', c: 'toString', d: 'emails.map' })).toEqual({});
    expect(mapProfile(body, JSON.parse('{"__proto__":"avatar","app_metadata.__proto__":"avatar"}'))).toEqual({});
  });

  test.each([null, 'text', 1, []])('a body %j maps to nothing', (odd) => {
    expect(mapProfile(odd, { user_id: 'id' })).toEqual({});
  });
});
