import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { SeedWire } from '../../src/wire/seed.ts';
import { createAgent } from '../support/agent.ts';
import { readHandoff } from '../support/applications.ts';
import { authorizeUrl, redeem, signIn, startWorld, type World } from '../support/world.ts';

/* The scripts of a connection besides the profile script, and what the profile script gets to see of the token answer. */

const source = join(import.meta.dirname, '../../src');
const guide = (path: string, origin: string) =>
  readFileSync(join(source, path), 'utf8').replaceAll('https://provider.com', origin);

let world: World;
let add: (name: string, options: Record<string, unknown>) => void;
beforeAll(async () => {
  world = await startWorld({
    change(seed) {
      const [first] = seed.connections;
      if (first === undefined) throw new Error('the seed has a connection');
      add = (name, options) =>
        seed.connections.push({ ...first, name, options: { ...first.options, ...options } } as NonNullable<
          SeedWire['connections']
        >[number]);
      addConnections(String(first.options.authorizationURL).replace('/authorize', ''));
    },
  });
});
afterAll(() => world.close());
beforeEach(() => {
  for (const endpoint of ['authorize', 'token', 'userinfo', 'other'] as const) world.provider.on(endpoint, undefined);
});

function addConnections(origin: string): void {
  add('guide', {
    authorizationURL: undefined,
    tokenURL: undefined,
    userInfoURL: undefined,
    profileMapping: undefined,
    pkce_enabled: false,
    scripts: {
      authorizationUrl: guide('upstream/fixtures/guide-authorization-url.js', origin),
      tokenExchange: guide('upstream/fixtures/guide-token-exchange.js', origin),
      fetchUserProfile: guide('sandbox/fixtures/guide-basic.js', origin),
    },
  });
  add('asks', {
    issuer: origin,
    scope: 'openid email',
    authParams: { prompt: 'consent', audience: 'from-options' },
    authParamsMap: { device: 'ext-device' },
    scripts: {
      authorizationUrl: `async (config) => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        return '${origin}/authorize?audience=from-script&scope=openid%20extra&seen=' + encodeURIComponent(JSON.stringify(config));
      }`,
    },
  });
  add('overrides', {
    issuer: origin,
    scripts: {
      authorizationUrl: `function (config) {
        return '${origin}/authorize?state=forged&redirect_uri=https://evil.example.com/&client_id=forged&client_secret=forged' +
          '&response_type=token&response_mode=fragment&nonce=forged&code_challenge=forged&code_challenge_method=plain' +
          '&request=forged&request_uri=https://evil.example.com/&state=again&%73tate=encoded#fragment';
      }`,
    },
  });
  add('exchanges', {
    tokenURL: 'https://nobody.invalid/token',
    scripts: {
      tokenExchange: `function (config, callback) {
        var form = { grant_type: config.grant_type, code: config.code, redirect_uri: config.callback_url, code_verifier: config.code_verifier };
        var auth = { user: config.client_id, pass: config.client_secret };
        request.post({ url: '${origin}/token', form: form, auth: auth, json: true }, function (error, response, body) {
          if (error) return callback(error);
          if (response.statusCode !== 200) return callback(new Error('refused'));
          body.workspace = { id: 'W1' };
          callback(null, body);
        });
      }`,
      fetchUserProfile: `function (accessToken, ctx, callback) {
        callback(null, { user_id: ctx.workspace.id, same: ctx.access_token === accessToken, refresh: typeof ctx.refresh_token });
      }`,
    },
  });
}

const lastQuery = () => world.provider.requestsTo('authorize').at(-1)?.query ?? new URLSearchParams();
const userOf = async (id: string) => (await world.broker.store.users.find(id as never))?.attributes;

test("the guide's three scripts sign a person in, with nothing changed but the host", async () => {
  const { provider } = world;
  provider.on('other', ({ path, headers }) => {
    if (path !== '/oauth/token' && !path.startsWith('/oauth/authorize') && path !== '/api/userinfo') return undefined;
    if (path === '/api/userinfo')
      return headers.authorization === 'Bearer guide-token-1'
        ? {
            body: { id: 'g-1', email: 'grace@example.com', display_name: 'Grace', first_name: 'Grace', username: 'gh' },
          }
        : { status: 401 };
    if (path === '/oauth/token')
      return { body: { access_token: 'guide-token-1', refresh_token: 'r', id_token: 'x.y.z' } };
    const query = new URL(path, provider.url).searchParams;
    return {
      status: 302,
      headers: { location: `${query.get('redirect_uri')}?code=guide-code&state=${query.get('state')}` },
    };
  });
  const { answer } = await signIn(world, { connection: 'guide' });
  expect(answer.code).toMatch(/^ac_/);
  const [asked, exchanged] = provider.requestsTo('other').slice(-3);
  expect(Object.fromEntries(asked?.query ?? [])).toEqual({
    response_type: 'code',
    client_id: 'portico-at-provider',
    redirect_uri: world.broker.url('login/callback'),
    scope: 'profile email',
    state: expect.stringMatching(/^st_/),
  });
  expect(Object.fromEntries(exchanged?.form ?? [])).toEqual({
    grant_type: 'authorization_code',
    code: 'guide-code',
    client_id: 'portico-at-provider',
    client_secret: 'provider-secret',
    redirect_uri: world.broker.url('login/callback'),
  });
  const tokens = await redeem(world, answer.code);
  expect(tokens.status).toBe(200);
  expect(await userOf('oauth2|guide|g-1')).toMatchObject({ email: 'grace@example.com', name: 'Grace' });
});

describe('scripts.authorizationUrl', () => {
  test('what it writes stays, options add what it left out, and the transaction depends on our own values', async () => {
    const { answer } = await signIn(world, { connection: 'asks', 'ext-device': 'tv', login_hint: 'user-1' });
    expect(answer.code).toMatch(/^ac_/);
    const { seen, ...query } = Object.fromEntries(lastQuery());
    expect(query).toEqual({
      audience: 'from-script',
      scope: 'openid extra',
      prompt: 'consent',
      device: 'tv',
      login_hint: 'user-1',
      response_type: 'code',
      redirect_uri: world.broker.url('login/callback'),
      state: expect.stringMatching(/^st_[\w-]{43}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
      nonce: expect.any(String),
      client_id: 'portico-at-provider',
    });
    const { state, nonce, code_challenge: challenge } = query;
    expect(JSON.parse(seen ?? '')).toEqual({
      connection: 'asks',
      client_id: 'portico-at-provider',
      callback_url: world.broker.url('login/callback'),
      response_type: 'code',
      scope: 'openid email',
      state,
      authorization_url: world.provider.authorizeUrl,
      login_hint: 'user-1',
      nonce,
      code_challenge: challenge,
      code_challenge_method: 'S256',
    });
  });

  test('UP-14 no reserved parameter can be overridden by it', async () => {
    const { answer } = await signIn(world, { connection: 'overrides' });
    expect(answer.code).toMatch(/^ac_/);
    const names = [...lastQuery().keys()];
    expect(new Set(names).size).toBe(names.length);
    expect(Object.fromEntries(lastQuery())).toEqual({
      response_type: 'code',
      redirect_uri: world.broker.url('login/callback'),
      scope: 'profile email',
      state: expect.stringMatching(/^st_[\w-]{43}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
      client_id: 'portico-at-provider',
    });
  });

  test('it runs for a connection that is picked on the login page too', async () => {
    const agent = createAgent();
    const page = await agent.get(authorizeUrl(world, { connection: undefined }));
    const state = new URL(page.location ?? '').searchParams.get('state') ?? '';
    const picked = await agent.post(world.broker.url('u/login'), { state, connection: 'asks' });
    const last = await agent.follow(readHandoff(picked.body), 'https://app.example.com/callback');
    expect(new URL(last.location ?? '').searchParams.get('code')).toMatch(/^ac_/);
    expect(lastQuery().get('audience')).toBe('from-script');
  });
});

test('scripts.tokenExchange replaces the token request, and the profile script sees what it called back with', async () => {
  const { answer } = await signIn(world, { connection: 'exchanges' });
  expect(answer.code).toMatch(/^ac_/);
  const request = world.provider.requestsTo('token').at(-1);
  expect(request?.form.get('code_verifier')).toMatch(/^[\w-]{43}$/);
  expect(request?.headers.authorization).toMatch(/^Basic /);
  expect(await userOf('oauth2|exchanges|W1')).toMatchObject({ same: true, refresh: 'undefined' });
});
