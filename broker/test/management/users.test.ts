import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAgent } from '../support/agent.ts';
import { databases, useDatabase } from '../support/databases.ts';
import { type Api, addAdmin, createApi } from '../support/management.ts';
import type { ProviderUser } from '../support/provider.ts';
import { authorizeUrl, callback, redeem, signIn, startWorld, type World } from '../support/world.ts';

const scopes = [
  'read:users',
  'read:user_idp_tokens',
  'create:users',
  'update:users',
  'update:users_app_metadata',
  'delete:users',
];

type UserWire = Record<string, unknown> & { readonly user_id: string };

describe.each(databases)('users on %s', (database) => {
  const server = useDatabase(database);
  let world: World;
  let api: Api;

  beforeAll(async () => {
    world = await startWorld({
      databaseUrl: await server.url(),
      change: (seed, issuerUrl) => {
        addAdmin(seed, issuerUrl, scopes);
        for (const { name, options } of seed.connections) {
          if (name === 'scripted') Object.assign(options, { set_user_root_attributes: 'on_first_login' });
        }
      },
    });
    api = await createApi(world, 'read:users create:users update:users delete:users');
  });
  afterAll(() => world.close());

  async function signInAs(profile: ProviderUser, connection = 'mapped') {
    world.provider.signInAs({ email_verified: true, ...profile });
    const { agent } = await signIn(world, { connection });
    return { agent, id: `oauth2|${connection}|${String(profile.id)}` };
  }

  const get = async (path: string) => (await api.call('GET', path)).body as UserWire;

  test('somebody who has signed in is shown as on Auth0, without the provider’s tokens', async () => {
    const { id } = await signInAs({ id: 'u-1', email: 'Ada@example.com', name: 'Ada' });
    const { status, body } = await api.call('GET', `/users/${encodeURIComponent(id)}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      user_id: id,
      email: 'Ada@example.com',
      name: 'Ada',
      nickname: 'Ada',
      logins_count: 1,
      last_ip: expect.stringMatching(/127\.0\.0\.1|::1/),
      last_login: expect.stringMatching(/Z$/),
      identities: [{ connection: 'mapped', provider: 'oauth2', user_id: 'mapped|u-1', isSocial: true }],
    });
    expect(JSON.stringify(body)).not.toMatch(/token|blocked|metadata/);
    expect(await get(`/users/${encodeURIComponent(id)}?fields=user_id,name`)).toEqual({ user_id: id, name: 'Ada' });
    expect(await get(`/users/${encodeURIComponent(id)}?fields=identities&include_fields=false`)).not.toHaveProperty(
      'identities',
    );
  });

  test('the provider’s tokens are for the scope that allows it, and each look at them is written down', async () => {
    const { id } = await signInAs({ id: 'u-tokens', email: 'tokens@example.com' });
    const reader = await createApi(world, 'read:user_idp_tokens');
    const { body } = await reader.call('GET', `/users/${encodeURIComponent(id)}`);
    expect(body).toMatchObject({ identities: [{ access_token: expect.any(String) }] });
    const events = (await world.broker.store.logs.list(1_000)).filter(
      ({ type, userId }) => type === 'mgmt_api_read' && userId === id,
    );
    expect(events).toMatchObject([{ userId: id, clientId: 'admin' }]);
    expect((await api.call('GET', '/users?fields=identities')).body).not.toMatchObject([
      { identities: [{ access_token: expect.any(String) }] },
    ]);
  });

  test('a list is sorted, searched and paged, and its total counts what was searched for', async () => {
    for (const number of [1, 2, 3]) {
      await signInAs({ id: `list-${number}`, email: `list-${number}@list.example`, name: `Listed ${4 - number}` });
    }
    const q = encodeURIComponent('email.domain:"list.example"');
    const names = async (query: string) =>
      ((await api.call('GET', `/users?${query}`)).body as UserWire[]).map(({ name }) => name);
    expect(await names(`q=${q}&sort=name:1`)).toEqual(['Listed 1', 'Listed 2', 'Listed 3']);
    expect(await names(`q=${q}&sort=created_at:-1&per_page=2`)).toEqual(['Listed 1', 'Listed 2']);
    expect(await names(`q=${q}&connection=scripted`)).toEqual([]);
    const page = await api.call('GET', `/users?q=${q}&sort=name:1&include_totals=true&page=1&per_page=2&fields=name`);
    expect(page.body).toEqual({ start: 2, limit: 2, length: 1, users: [{ name: 'Listed 3' }], total: 3 });
    expect((await api.call('GET', '/users?per_page=100&page=9')).body).toEqual([]);
    expect((await api.call('GET', '/users-by-email?email=list-2@list.example')).body).toMatchObject([
      { user_id: 'oauth2|mapped|list-2' },
    ]);
    expect((await api.call('GET', '/users-by-email?email=LIST-2@list.example')).body).toEqual([]);
  });

  test.each([
    ['per_page=101', /Value 101 is greater than maximum 100/],
    ['per_page=100&page=10', /first 1000 records/],
    ['page=9007199254740993', /Query validation error/],
    ['q=%22', /quotation mark/],
    ['q=user_metadata.a:b*', /no wildcards/],
    ['sort=password:1', /Must be one of user_id, email/],
    ['sort=name', /on property sort/],
    ['search_engine=v2', /search_engine/],
    ['foo=1', /Additional properties not allowed: foo/],
  ])('GET /users?%s is refused', async (query, message) => {
    expect(await api.call('GET', `/users?${query}`)).toMatchObject({
      status: 400,
      body: { statusCode: 400, message: expect.stringMatching(message), errorCode: 'invalid_query_string' },
    });
  });

  test('hostile searches find nobody and harm nothing (API-06, API-15)', async () => {
    const before = (await api.call('GET', '/users?include_totals=true')).body as { total: number };
    const hostile = [
      'name:/(a+)+$/',
      '__proto__:x',
      'constructor.prototype:*',
      'identities.access_token:*',
      'sealed_tokenset:*',
      `name:"'; drop table users; --"`,
      'name:"\\u0000" OR name:%00',
      'user_metadata.toString:x',
    ];
    for (const q of hostile) {
      expect((await api.call('GET', `/users?q=${encodeURIComponent(q)}`)).body, q).toEqual([]);
    }
    for (const q of ['('.repeat(1000), 'a OR '.repeat(10_000), 'x'.repeat(9_000)]) {
      expect((await api.call('GET', `/users?q=${encodeURIComponent(q).slice(0, 12_000)}`)).status).toBe(400);
    }
    expect((await api.call('GET', '/users?include_totals=true')).body).toMatchObject({ total: before.total });
  });

  test('metadata is merged on the first level; null takes a key away, an empty object everything', async () => {
    const { id } = await signInAs({ id: 'meta', email: 'meta@example.com' });
    const path = `/users/${encodeURIComponent(id)}`;
    const patch = async (body: object) => (await api.call('PATCH', path, body)).body;
    await patch({ user_metadata: { a: { x: 1 }, b: 1 }, app_metadata: { plan: 'basic' } });
    expect(await patch({ user_metadata: { a: { y: 2 }, b: null } })).toMatchObject({
      user_metadata: { a: { y: 2 } },
      app_metadata: { plan: 'basic' },
    });
    const found = await api.call('GET', `/users?q=${encodeURIComponent('user_metadata.a.y:2')}`);
    expect(found.body).toMatchObject([{ user_id: id }]);
    const cleared = await patch({ user_metadata: {}, app_metadata: {} });
    expect(cleared).toMatchObject({ user_metadata: {} });
    expect(cleared).not.toHaveProperty('app_metadata');
  });

  test.each([
    [{ email: 'new@example.com' }, 'Cannot update email for non-database user.'],
    [{ password: 'secret' }, 'Cannot update password for non-database user.'],
    [
      { family_name: 'B', name: 'A' },
      'The following user attributes cannot be updated: family_name, name. The connection must either be a database ' +
        'connection (using the Auth0 store), a passwordless connection (email or sms) or has disabled ' +
        "'Sync user profile attributes at each login'.",
    ],
    [
      { user_id: 'x', identities: [], created_at: '' },
      /Additional properties not allowed: user_id,identities,created_at/,
    ],
    [{ app_metadata: { email: 'x' } }, /app_metadata must not contain the property email/],
    [{ app_metadata: { __tenant: 'x' } }, /__tenant/],
    [{ user_metadata: { a: { 'b.c': 1 } } }, /'\.' or '\$'/],
    [{ blocked: 'yes' }, /Expected type boolean but found type string/],
  ])('PATCH with %j is refused, and nothing is written', async (body, message) => {
    const { id } = await signInAs({ id: 'refused', email: 'refused@example.com', name: 'Kept' });
    const path = `/users/${encodeURIComponent(id)}`;
    const before = await get(path);
    expect(await api.call('PATCH', path, body)).toMatchObject({
      status: 400,
      body: { message: typeof message === 'string' ? message : expect.stringMatching(message) },
    });
    expect(await get(path)).toEqual(before);
  });

  test('where attributes are set at the first login only, an administrator may change them, and they stay', async () => {
    const { id } = await signInAs({ id: 'own', email: 'own@example.com', name: 'From the provider' }, 'scripted');
    const path = `/users/${encodeURIComponent(id)}`;
    expect(await api.call('PATCH', path, { name: 'Ours', picture: null })).toMatchObject({
      status: 200,
      body: { name: 'Ours' },
    });
    await signInAs({ id: 'own', email: 'own@example.com', name: 'From the provider' }, 'scripted');
    const after = await get(path);
    expect(after).toMatchObject({ name: 'Ours', logins_count: 2 });
    expect(after).not.toHaveProperty('picture');
  });

  test('who may only change app_metadata cannot block', async () => {
    const { id } = await signInAs({ id: 'narrow', email: 'narrow@example.com' });
    const narrow = await createApi(world, 'update:users_app_metadata');
    const path = `/users/${encodeURIComponent(id)}`;
    expect((await narrow.call('PATCH', path, { app_metadata: { level: 2 } })).status).toBe(200);
    expect(await narrow.call('PATCH', path, { blocked: true, app_metadata: {} })).toMatchObject({
      status: 403,
      body: { message: 'Insufficient scope, expected any of: update:users' },
    });
  });

  test('a blocked user is refused everywhere at once, and welcome again once unblocked', async () => {
    world.provider.signInAs({ id: 'blocked', email: 'blocked@example.com' });
    const { agent, answer } = await signIn(world, { scope: 'openid offline_access' });
    const tokens = await redeem(world, answer.code);
    const path = `/users/${encodeURIComponent('oauth2|mapped|blocked')}`;
    expect((await api.call('PATCH', path, { blocked: true })).body).toMatchObject({ blocked: true });
    const refresh = () =>
      redeem(world, undefined, { grant_type: 'refresh_token', refresh_token: String(tokens.body.refresh_token) });
    expect((await refresh()).status).toBe(403);
    const silent = await agent.follow(authorizeUrl(world, { prompt: 'none' }), callback);
    expect(silent.location).toContain('error=');
    expect((await signIn(world, {}, createAgent())).answer).toMatchObject({
      error: 'unauthorized',
      error_description: 'user is blocked',
    });
    expect((await api.call('GET', '/users?q=blocked:true')).body).toMatchObject([{ blocked: true }]);
    await api.call('PATCH', path, { blocked: false });
    expect((await signIn(world)).answer.code).toBeDefined();
  });

  test('a deleted user is gone with the session; deleting once more changes nothing', async () => {
    const { agent, id } = await signInAs({ id: 'deleted', email: 'deleted@example.com' });
    const path = `/users/${encodeURIComponent(id)}`;
    expect(await api.call('DELETE', path)).toMatchObject({ status: 204, body: undefined });
    expect((await api.call('DELETE', path)).status).toBe(204);
    expect(await api.call('GET', path)).toMatchObject({
      status: 404,
      body: { message: 'The user does not exist.', errorCode: 'inexistent_user' },
    });
    const silent = await agent.follow(authorizeUrl(world, { prompt: 'none' }), callback);
    expect(silent.location).toContain('error=login_required');
  });

  test('people of a social connection are not made by hand', async () => {
    expect(await api.call('POST', '/users', { connection: 'mapped', email: 'a@b.c' })).toMatchObject({
      status: 400,
      body: { message: expect.stringMatching(/^Connection does not support user creation through the API/) },
    });
    expect(await api.call('POST', '/users', { connection: 'nowhere' })).toMatchObject({
      status: 400,
      body: { message: 'The connection does not exist.', errorCode: 'inexistent_connection' },
    });
  });
});
