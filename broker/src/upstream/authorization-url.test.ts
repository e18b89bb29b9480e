import { describe, expect, test } from 'vitest';
import { connectionOf, redirectUri } from '../../test/support/upstream.ts';
import { reservedParameters } from '../core/connection.ts';
import { UpstreamError } from '../core/errors.ts';
import { authorizationUrl } from './authorization-url.ts';

const transaction = {
  state: 'our-state',
  nonce: 'our-nonce',
  verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
  redirectUri,
};

function urlFor(options: Record<string, unknown>, parameters: Record<string, string> = {}) {
  const connection = connectionOf({ client_id: 'abc', authorizationURL: 'https://idp.example/authorize', ...options });
  const { url, ...sends } = authorizationUrl(connection, { ...transaction, parameters });
  return { url, query: new URL(url).searchParams, ...sends };
}

const scopeFor = (options: Record<string, unknown>, connectionScope?: string) =>
  urlFor(options, connectionScope === undefined ? {} : { connection_scope: connectionScope }).query.get('scope');

test('the parameters come in the order in which Auth0 sends them', () => {
  expect(urlFor({ scope: 'user:read email' }, { login_hint: 'ada@example.com' }).url).toBe(
    'https://idp.example/authorize?login_hint=ada%40example.com&response_type=code' +
      '&redirect_uri=https%3A%2F%2Fportico.example%2Flogin%2Fcallback&scope=user%3Aread%20email&state=our-state&client_id=abc',
  );
});

test('a challenge goes along if the connection asks for PKCE, and only then', () => {
  const { query, sendsChallenge } = urlFor({ pkce_enabled: true });
  // The pair of RFC 7636, Appendix B.
  expect(query.get('code_challenge')).toBe('E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM');
  expect(query.get('code_challenge_method')).toBe('S256');
  expect(sendsChallenge).toBe(true);
  expect(urlFor({}).sendsChallenge).toBe(false);
  expect(urlFor({}).query.has('code_challenge')).toBe(false);
});

test.each([
  [{ scope: 'openid email', issuer: 'https://idp.example' }, true],
  [{ scope: ['openid'], jwks_uri: 'https://idp.example/jwks' }, true],
  [{ scope: 'openid email' }, false],
  [{ scope: 'email', issuer: 'https://idp.example' }, false],
])('with %j a nonce is sent: %s', (options, sendsNonce) => {
  const sent = urlFor(options);
  expect(sent.sendsNonce).toBe(sendsNonce);
  expect(sent.query.get('nonce')).toBe(sendsNonce ? 'our-nonce' : null);
});

describe('scope', () => {
  test.each([
    ['a b', undefined, undefined, 'a b'],
    ['a,b', undefined, undefined, 'a,b'],
    ['a, b', undefined, undefined, 'a, b'],
    ['', undefined, undefined, null],
    [undefined, undefined, undefined, null],
    [['a', 'b', 'a'], undefined, undefined, 'a,b'],
    [['a', 'b'], true, undefined, 'a b'],
    ['a b', true, 'c,d', 'a b c d'],
    ['a b', false, 'c,d', 'a b,c,d'],
    ['a b', true, 'b, c,c', 'a b c'],
    ['', undefined, 'c,d', 'c,d'],
    [['a'], undefined, 'a', 'a'],
  ])(
    '%j, separated by spaces %s, and connection_scope %j is %j',
    (scope, useOauthSpecScope, connectionScope, expected) => {
      expect(scopeFor({ scope, useOauthSpecScope }, connectionScope)).toBe(expected);
    },
  );
});

describe('configured parameters', () => {
  test('authParams, then authParamsMap, then upstream_params; login_hint gives way to them', () => {
    const options = {
      authParams: { owner: 'user', custom: 'constant', third: 'constant', flag: true },
      authParamsMap: { custom: 'access_type', third: 'access_type', missing: 'not_sent', proto: 'constructor' },
      upstream_params: {
        third: { value: 'static' },
        login_hint: { alias: 'acr_values' },
        absent: { alias: 'not_sent' },
      },
    };
    const { query } = urlFor(options, { access_type: 'offline', login_hint: 'ada', acr_values: 'mfa' });
    expect(Object.fromEntries(query)).toMatchObject({
      owner: 'user',
      custom: 'offline',
      third: 'static',
      flag: 'true',
      login_hint: 'mfa',
    });
    for (const name of ['missing', 'absent', 'proto']) expect(query.has(name)).toBe(false);
  });

  test.each([...reservedParameters])(
    'UP-14: %s cannot be overridden by configuration or by the application',
    (name) => {
      const expected = urlFor({ scope: 'a' }, {}).query.getAll(name);
      const { query } = urlFor(
        {
          scope: 'a',
          authParams: { [name]: 'evil' },
          authParamsMap: { [name]: 'evil_source' },
          upstream_params: { [name]: { value: 'evil' } },
        },
        { evil_source: 'evil', [name]: 'evil' },
      );
      expect(query.getAll(name)).toEqual(expected);
      const fromUrl = urlFor({
        scope: 'a',
        authorizationURL: `https://idp.example/authorize?${name}=evil&${name}=evil`,
      });
      expect(fromUrl.query.getAll(name)).toEqual(expected);
    },
  );

  test('UP-15: a value is encoded once and stays one parameter', () => {
    const { url, query } = urlFor(
      { authParamsMap: { hint: 'login_hint' } },
      { login_hint: 'x&redirect_uri=https://evil#a+b %26' },
    );
    expect(query.get('hint')).toBe('x&redirect_uri=https://evil#a+b %26');
    expect(query.getAll('redirect_uri')).toEqual([redirectUri]);
    expect(new URL(url).hash).toBe('');
  });

  test("the application's own state and nonce stay with us", () => {
    const { query } = urlFor({}, { state: 'app-state', nonce: 'app-nonce' });
    expect(query.getAll('state')).toEqual(['our-state']);
    expect(query.has('nonce')).toBe(false);
  });

  test.each(['', null, 'text', []])('%j in place of an object adds nothing', (value) => {
    expect(urlFor({ authParams: value, authParamsMap: value, upstream_params: value }).url).toBe(urlFor({}).url);
  });
});

describe('authorizationURL', () => {
  test('a query that is there already stays as it is written, but for names of ours', () => {
    const { url } = urlFor({
      authorizationURL: 'https://idp.example/a?acr_values=a%20b+c&client_id=old&state=old&scope=old#x',
      scope: 's',
    });
    expect(url).toMatch(/^https:\/\/idp\.example\/a\?acr_values=a%20b\+c&response_type=code&/);
    expect(new URL(url).searchParams.getAll('client_id')).toEqual(['abc']);
    expect(new URL(url).searchParams.getAll('scope')).toEqual(['s']);
  });

  test('a scope in the query counts if the connection has none', () => {
    expect(urlFor({ authorizationURL: 'https://idp.example/a?scope=basic' }).query.getAll('scope')).toEqual(['basic']);
  });

  test('plain http is for the administrator to choose', () => {
    expect(urlFor({ authorizationURL: 'http://127.0.0.1:4000/authorize' }).url).toMatch(
      /^http:\/\/127\.0\.0\.1:4000\/authorize\?/,
    );
  });

  test.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'ftp://idp.example/',
    '/authorize',
    '',
    undefined,
    'https://user:pass@idp.example/',
  ])('%j is refused', (authorizationURL) => {
    expect(() => urlFor({ authorizationURL })).toThrow(UpstreamError);
  });

  test('without a client_id there is nothing to ask for', () => {
    expect(() => urlFor({ client_id: '' })).toThrow(/no client_id/);
  });
});
