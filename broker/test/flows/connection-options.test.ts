import { decodeJwt, type JWTPayload } from 'jose';
import { describe, expect, test } from 'vitest';
import type { UpstreamUserId, UserId } from '../../src/core/ids.ts';
import { parseKeyring } from '../../src/vault/keyring.ts';
import { createVault } from '../../src/vault/vault.ts';
import { createAgent } from '../support/agent.ts';
import { addPerson, obtainTokens, readUserinfo, web } from '../support/applications.ts';
import { useWorld } from '../support/databases.ts';
import { answerParameters, authorizeUrl, callback, type WorldOptions } from '../support/world.ts';

const sealingKeys = `t1:${Buffer.from([...Array(32).keys()]).toString('base64')}`;

/** A connection for each set of options, made from the seed's mapped one. */
const optionSets = {
  'static-params': { authParams: { prompt: 'consent', access_type: 'online', state: 'fixed', client_id: 'fixed' } },
  'mapped-params': {
    authParams: { custom_param: 'constant' },
    authParamsMap: { custom_param: 'access_type', state: 'nonce' },
  },
  'upstream-params': {
    upstream_params: {
      tenant: { value: 'blue' },
      hint: { alias: 'login_hint' },
      redirect_uri: { value: 'https://evil.example' },
    },
  },
  'comma-scopes': { scope: ['a', 'b'] },
  'space-scopes': { scope: ['a', 'b'], useOauthSpecScope: true },
  'text-scopes': { scope: 'a,b c' },
  headers: { customHeaders: { 'X-Provider-Version': '2026-01', Authorization: 'Basic cG9ydGljbzpzZWNyZXQ=' } },
  'basic-auth': { token_endpoint_auth_method: 'client_secret_basic' },
  'no-pkce': { pkce_enabled: false },
  nested: {
    profileMapping: {
      user_id: 'account.id',
      email: 'emails.0.value',
      picture: 'avatar.url',
      name: 'missing.path',
      'user_metadata.plan': 'account.plan',
      'app_metadata.https://x': 'https://x/claim',
    },
  },
} as const;

const change: WorldOptions['change'] = (seed) => {
  const [mapped] = seed.connections;
  if (mapped === undefined) throw new Error('the seed has it');
  for (const [name, options] of Object.entries(optionSets)) {
    seed.connections.push({ ...mapped, name, options: { ...mapped.options, ...options } });
  }
  const { authorizationURL, tokenURL, client_id, client_secret } = mapped.options;
  const origin = String(tokenURL).replace('/token', '');
  const plain = { authorizationURL, tokenURL, client_id, client_secret };
  seed.connections.push(
    {
      ...mapped,
      name: 'with-query',
      options: { ...mapped.options, authorizationURL: `${authorizationURL}?tenant=blue%20sky&state=theirs&scope=x` },
    },
    {
      ...mapped,
      name: 'openid',
      options: { ...plain, scope: 'openid email', issuer: origin, jwks_uri: `${origin}/jwks` },
    },
    { ...mapped, name: 'discovered', options: { ...plain, scope: 'openid', issuer: origin } },
    {
      ...mapped,
      name: 'untrusted',
      options: { ...mapped.options, scope: 'openid', profileMapping: { user_id: 'id', email: 'email' } },
    },
  );
};

const getWorld = useWorld({ change, environment: { PORTICO_SEALING_KEYS: sealingKeys } });

/** What the upstream was asked when this connection was used, at each endpoint the last request. */
async function signInThrough(connection: string, more: Record<string, string> = {}) {
  const world = getWorld();
  const tokens = await obtainTokens(world, web, { connection, scope: 'openid profile email user_metadata', ...more });
  const last = (endpoint: 'authorize' | 'token' | 'userinfo') => world.provider.requestsTo(endpoint).at(-1);
  const query = last('authorize')?.query ?? new URLSearchParams();
  return { tokens, claims: decodeJwt(tokens.id_token ?? ''), query, token: last('token'), userinfo: last('userinfo') };
}

/** The error that the application gets when this connection is used. */
async function failThrough(connection: string) {
  const last = await createAgent().follow(authorizeUrl(getWorld(), { connection }), callback);
  return answerParameters(last);
}

describe('what a connection adds to the authorization request', () => {
  test('authParams go along, and none of the reserved names can be set', async () => {
    const { query } = await signInThrough('static-params');
    expect(Object.fromEntries(query)).toMatchObject({
      prompt: 'consent',
      access_type: 'online',
      client_id: 'portico-at-provider',
    });
    expect(query.getAll('state')).toEqual([expect.stringMatching(/^.{43,}$/)]);
    expect(query.getAll('client_id')).toHaveLength(1);
  });

  test('authParamsMap copies a parameter of /authorize over a constant, and never a reserved one', async () => {
    const { query } = await signInThrough('mapped-params', { access_type: 'offline', nonce: 'from-the-app' });
    expect(query.get('custom_param')).toBe('offline');
    expect(query.get('state')).not.toBe('from-the-app');
    expect((await signInThrough('mapped-params')).query.get('custom_param')).toBe('constant');
  });

  test('upstream_params set a value or follow an alias', async () => {
    const person = addPerson(getWorld());
    const { query } = await signInThrough('upstream-params', { login_hint: person.id });
    expect(query.get('tenant')).toBe('blue');
    expect(query.get('hint')).toBe(person.id);
    expect(query.getAll('redirect_uri')).toEqual([getWorld().broker.url('login/callback')]);
  });

  test.each([
    ['comma-scopes', 'a,b', 'a,b,c,d'],
    ['space-scopes', 'a b', 'a b c d'],
    ['text-scopes', 'a,b c', 'a,b c,d'],
  ])('scopes of %s, and connection_scope with its delimiter', async (connection, alone, together) => {
    expect((await signInThrough(connection)).query.get('scope')).toBe(alone);
    expect((await signInThrough(connection, { connection_scope: 'c,d,a' })).query.get('scope')).toBe(together);
  });

  test('the query that the authorizationURL has stays, but for the names that are ours', async () => {
    const { query } = await signInThrough('with-query');
    expect(query.get('tenant')).toBe('blue sky');
    expect(query.getAll('state')).toEqual([expect.not.stringMatching(/^theirs$/)]);
    expect(query.getAll('scope')).toEqual(['profile email']);
  });

  test('PKCE goes out and comes back where it is on, and not where it is off', async () => {
    const on = await signInThrough('mapped');
    expect(on.query.get('code_challenge_method')).toBe('S256');
    expect(on.token?.form.get('code_verifier')).toMatch(/^[\w-]{43}$/);
    const off = await signInThrough('no-pkce');
    expect(off.query.has('code_challenge')).toBe(false);
    expect(off.token?.form.has('code_verifier')).toBe(false);
  });

  test("the application's own state, scope and nonce never travel", async () => {
    const { query } = await signInThrough('mapped', { state: 'application-state', nonce: 'application-nonce' });
    expect(query.toString()).not.toMatch(/application-(state|nonce)/);
    expect(query.get('scope')).toBe('profile email');
  });
});

describe('how a connection talks to the token endpoint', () => {
  test('customHeaders go to it alone, beside the secret in the body', async () => {
    const provider = getWorld().provider;
    let headers: Record<string, unknown> = {};
    provider.on('token', (request) => {
      headers = { ...request.headers };
      expect(request.form.get('client_secret')).toBe('provider-secret');
      // The provider of these tests would take the Basic header for its own.
      delete request.headers.authorization;
      return undefined;
    });
    const { userinfo } = await signInThrough('headers');
    provider.on('token', undefined);
    expect(headers).toMatchObject({
      'x-provider-version': '2026-01',
      authorization: 'Basic cG9ydGljbzpzZWNyZXQ=',
      'content-type': 'application/x-www-form-urlencoded',
    });
    expect(userinfo?.headers['x-provider-version']).toBeUndefined();
  });

  test('client_secret_basic keeps the secret out of the body', async () => {
    const { token } = await signInThrough('basic-auth');
    expect(token?.headers.authorization).toMatch(/^Basic /);
    expect(token?.form.has('client_secret')).toBe(false);
  });

  test('a form-encoded answer with comma-separated scopes is understood, and kept sealed as it was', async () => {
    const { provider, broker } = getWorld();
    const person = addPerson(getWorld());
    provider.on('token', () => ({
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'access_token=gho%5fform&scope=repo%2Cgist&token_type=bearer&refresh_token=ghr_1&expires_in=28800',
    }));
    provider.on('userinfo', ({ headers }) => {
      expect(headers.authorization).toBe('Bearer gho_form');
      return { body: person };
    });
    const { claims } = await signInThrough('mapped');
    provider.on('token', undefined);
    provider.on('userinfo', undefined);
    expect(claims.sub).toBe(`oauth2|mapped|${person.id}`);

    const connection = (await broker.store.connections.list()).find(({ name }) => name === 'mapped');
    if (connection === undefined) throw new Error('the connection is gone');
    const upstreamUserId = person.id as UpstreamUserId;
    const identity = await broker.store.identities.find(connection.id, upstreamUserId);
    if (identity?.sealedTokenset === undefined) throw new Error('no tokenset was kept');
    expect(Buffer.from(identity.sealedTokenset).includes('gho_form')).toBe(false);
    const parsed = parseKeyring(sealingKeys);
    if (!('keyring' in parsed)) throw new Error('the test has a bad keyring');
    const opened = createVault(parsed).openTokenset(connection.id, upstreamUserId, identity.sealedTokenset);
    expect(opened).toMatchObject({ accessToken: 'gho_form', refreshToken: 'ghr_1', scope: 'repo,gist' });
    expect(opened.expiresAt).toBeInstanceOf(Date);
  });
});

describe('where a connection finds the profile', () => {
  test('userInfoURL with nested paths; what is not there is absent, not "undefined"', async () => {
    getWorld().provider.on('userinfo', () => ({
      body: {
        account: { id: 77, plan: 'gold' },
        emails: [{ value: 'first@example.com' }, { value: 'second@example.com' }],
        avatar: { url: 'https://cdn.example.com/n.png' },
        'https://x/claim': 1,
        secret_field: 'not mapped',
      },
    }));
    const { claims, tokens } = await signInThrough('nested');
    getWorld().provider.on('userinfo', undefined);
    expect(claims).toMatchObject({
      sub: 'oauth2|nested|77',
      email: 'first@example.com',
      email_verified: false,
      picture: 'https://cdn.example.com/n.png',
    });
    const { text } = await readUserinfo(getWorld(), tokens.access_token);
    expect(JSON.parse(text).user_metadata).toEqual({ plan: 'gold' });
    expect(text + JSON.stringify(claims)).not.toMatch(/undefined|secret_field|not mapped/);
    const user = await getWorld().broker.store.users.find('oauth2|nested|77' as UserId);
    expect(user?.appMetadata).toEqual({ 'https://x': 1 });
  });

  test.each(['openid', 'discovered'])('a verified ID token is enough (%s)', async (connection) => {
    const person = addPerson(getWorld());
    const { claims, query } = await signInThrough(connection, { login_hint: person.id });
    expect(claims.sub).toBe(`oauth2|${connection}|${person.id}`);
    expect(query.get('nonce')).toMatch(/^[\w-]{43}$/);
  });

  test.each([
    ['of another issuer', { iss: 'https://evil.example' }],
    ['for another client', { aud: 'somebody-else' }],
    ['that has expired', { exp: 1_000_000_000 }],
    ['of another sign-in', { nonce: 'another' }],
    ['without subject', { sub: undefined }],
  ])('an ID token %s ends the sign-in', async (_, claims) => {
    const { provider } = getWorld();
    const nonce = () => provider.requestsTo('authorize').at(-1)?.query.get('nonce') ?? '';
    provider.on('token', async () => ({
      body: { access_token: 'at', id_token: await provider.signIdToken({ nonce: nonce(), ...(claims as JWTPayload) }) },
    }));
    const users = await getWorld().broker.store.users.count();
    expect(await failThrough('openid')).toMatchObject({ error: 'invalid_request', state: 'app-state' });
    // The same answer with the right claims goes through: it is the claim that was refused.
    provider.on('token', async () => ({
      body: { access_token: 'at', id_token: await provider.signIdToken({ nonce: nonce(), sub: 'good' }) },
    }));
    expect((await signInThrough('openid')).claims.sub).toBe('oauth2|openid|good');
    provider.on('token', undefined);
    expect(await getWorld().broker.store.users.count()).toBeLessThanOrEqual(users + 1);
  });

  test('an ID token signed by a key that is not published ends the sign-in', async () => {
    const { provider } = getWorld();
    const foreign = await provider.signIdToken();
    provider.rotateKeys();
    provider.on('token', () => ({ body: { access_token: 'at', id_token: foreign } }));
    expect(await failThrough('openid')).toMatchObject({ error: 'invalid_request' });
    provider.on('token', undefined);
  });

  test('without keys to verify it an ID token says nothing about who signed in', async () => {
    const { provider } = getWorld();
    const person = addPerson(getWorld());
    provider.on('token', async () => undefined);
    const { claims, query } = await signInThrough('untrusted', { login_hint: person.id });
    expect(claims.sub).toBe(`oauth2|untrusted|${person.id}`);
    expect(query.has('nonce')).toBe(false);
    provider.on('token', undefined);
  });
});
