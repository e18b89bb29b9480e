import { setTimeout } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { ManagementClient } from 'auth0-management';
import { beforeAll, expect, test } from 'vitest';
import { createAgent } from '../support/agent.ts';
import { readForm } from '../support/applications.ts';
import { clientId, clientSecret, connection, failureOf, useContract } from '../support/contract.ts';
import { addAdmin, adminSecret } from '../support/management.ts';
import { audience, authorizeUrl, postToken, signIn } from '../support/world.ts';

/* The `ManagementClient` of `auth0` 7 with those who signed in, and with what they left behind. */

const scopes = [
  ...['users', 'refresh_tokens', 'sessions', 'grants', 'user_idp_tokens', 'device_credentials'].map(
    (each) => `read:${each}`,
  ),
  ...['users', 'refresh_tokens', 'sessions', 'grants', 'device_credentials'].map((each) => `delete:${each}`),
  'update:sessions',
  'update:refresh_tokens',
  'update:users',
  'create:users',
  'read:logs',
  'read:stats',
  'read:connections',
];

const third = { client_id: 'third', redirect_uri: 'https://third.example.net/callback' };

const getWorld = useContract({
  isSecure: true,
  change(seed, issuerUrl) {
    addAdmin(seed, issuerUrl, scopes);
    const { client_id: id, redirect_uri: callback } = third;
    const shown = { name: 'Third party', client_secret: 'third-secret-0123456789' };
    seed.clients.push({ client_id: id, ...shown, is_first_party: false, callbacks: [callback] });
    for (const each of seed.connections) each.enabled_clients?.push(id);
  },
});

let api: ManagementClient;
beforeAll(() => {
  api = new ManagementClient({ domain: getWorld().domain, clientId: 'admin', clientSecret: adminSecret });
});

async function collect<Item>(pages: AsyncIterable<Item>): Promise<readonly Item[]> {
  const items: Item[] = [];
  for await (const item of pages) items.push(item);
  return items;
}

/** Somebody with a session and a refresh token. */
async function arrive(user: string): Promise<string> {
  const world = getWorld();
  world.provider.signInAs({ id: user, email: `${user}@example.com`, name: user });
  const request = { client_id: clientId, redirect_uri: world.callback, scope: 'openid email offline_access' };
  const { answer } = await signIn(world, { ...request, connection });
  const { status, body } = await postToken(world, {
    grant_type: 'authorization_code',
    client_id: clientId,
    client_secret: clientSecret,
    redirect_uri: world.callback,
    code: answer.code,
  });
  expect(status, JSON.stringify(body)).toBe(200);
  return `oauth2|${connection}|${user}`;
}

const identityOf = (user: string) => ({ provider: 'oauth2' as const, user_id: `${connection}|${user}` });

test('people are listed, searched for, changed, blocked and deleted', async () => {
  const { users } = api;
  const [ada, bob, cleo] = [await arrive('ada'), await arrive('bob'), await arrive('cleo')];
  const idsOf = (found: readonly { readonly user_id?: string | undefined }[]) => found.map((each) => each.user_id);
  expect(idsOf(await collect(await users.list({ per_page: 1, sort: 'email:1' })))).toEqual([ada, bob, cleo]);
  expect(idsOf((await users.list({ q: 'email:"bob@example.com"', search_engine: 'v3' })).data)).toEqual([bob]);
  expect(idsOf(await users.listUsersByEmail({ email: 'cleo@example.com' }))).toEqual([cleo]);
  const found = await users.get(ada);
  expect(found).toMatchObject({
    user_id: ada,
    identities: [{ ...identityOf('ada'), connection, isSocial: true, access_token: expect.any(String) }],
    logins_count: 1,
  });
  expect(await users.get(ada, { fields: 'email', include_fields: true })).toEqual({ email: 'ada@example.com' });
  await users.update(ada, { user_metadata: { a: 1, b: 2 } });
  expect(await users.update(ada, { user_metadata: { b: 3 }, blocked: true })).toMatchObject({
    user_metadata: { a: 1, b: 3 },
    blocked: true,
  });
  await users.delete(ada);
  await users.delete(ada);
  expect(await failureOf(users.get(ada))).toMatchObject({ statusCode: 404, body: { errorCode: 'inexistent_user' } });
  const made = users.create({ connection, email: 'dan@example.com' });
  expect(await failureOf(made)).toMatchObject({ statusCode: 400 });
});

test('identities are linked and taken apart', async () => {
  const { users } = api;
  const [primary, other] = [await arrive('ella'), await arrive('fred')];
  const linked = await users.identities.link(primary, identityOf('fred'));
  expect(linked).toMatchObject([identityOf('ella'), identityOf('fred')]);
  expect(await failureOf(users.get(other))).toMatchObject({ statusCode: 404 });
  const left = await users.identities.delete(primary, 'oauth2', `${connection}|fred`);
  expect(left).toMatchObject([identityOf('ella')]);
  expect(await users.get(other)).toMatchObject({ user_id: other });
});

test('sessions and refresh tokens are listed and ended', async () => {
  const { users, sessions, refreshTokens } = api;
  const gina = await arrive('gina');
  const [token] = await collect(await users.refreshToken.list(gina, { take: 1 }));
  expect(await refreshTokens.get(token?.id ?? '')).toMatchObject({ user_id: gina, client_id: clientId });
  await refreshTokens.delete(token?.id ?? '');
  expect(await collect(await users.refreshToken.list(gina))).toEqual([]);
  const [session] = await collect(await users.sessions.list(gina, { take: 1 }));
  expect(await sessions.get(session?.id ?? '')).toMatchObject({ user_id: gina });
  await sessions.revoke(session?.id ?? '');
  expect(await collect(await users.sessions.list(gina))).toEqual([]);
  await arrive('gina');
  await users.revokeAccess(gina);
  expect(await collect(await users.sessions.list(gina))).toEqual([]);
  await arrive('gina');
  await users.sessions.delete(gina);
  await users.refreshToken.delete(gina);
  expect(await collect(await users.refreshToken.list(gina))).toEqual([]);
});

test('sessions and refresh tokens say where they were used, and keep metadata', async () => {
  const { users, sessions, refreshTokens } = api;
  const lena = await arrive('lena');
  const [session] = await collect(await users.sessions.list(lena));
  const id = session?.id ?? '';
  expect(await sessions.get(id)).toMatchObject({
    device: { initial_ip: '127.0.0.1', last_ip: '127.0.0.1' },
    clients: [{ client_id: clientId }],
    authentication: { methods: [{ name: 'federated', timestamp: expect.any(String) }] },
  });
  const metadata = { place: 'Turin' };
  expect(await sessions.update(id, { session_metadata: metadata })).toMatchObject({ id, session_metadata: metadata });
  expect(await sessions.update(id, { session_metadata: null })).toMatchObject({ session_metadata: {} });
  const [token] = await collect(await refreshTokens.list({ user_id: lena, client_id: clientId }));
  const changed = await refreshTokens.update(token?.id ?? '', { refresh_token_metadata: metadata });
  expect(changed).toMatchObject({ session_id: id, refresh_token_metadata: metadata });
});

test('refresh tokens are listed page by page, revoked together, and seen as devices', async () => {
  const { refreshTokens, deviceCredentials } = api;
  const kim = await arrive('kim');
  await arrive('kim');
  await arrive('kim');
  const list = async () => collect(await refreshTokens.list({ user_id: kim, take: 1 }));
  const [first, ...others] = await list();
  expect(others).toHaveLength(2);
  await refreshTokens.revoke({ ids: [first?.id ?? ''] });
  const types = ['refresh_token', 'rotating_refresh_token'] as const;
  const devices = (
    await Promise.all(
      types.map(async (type) => collect(await deviceCredentials.list({ user_id: kim, type, per_page: 1 }))),
    )
  ).flat();
  expect(devices.map((device) => device.id).sort()).toEqual(others.map((token) => token.id).sort());
  expect(devices[0]).toMatchObject({ user_id: kim, client_id: clientId });
  await deviceCredentials.delete(devices[0]?.id ?? '');
  expect(await list()).toHaveLength(1);
  await refreshTokens.revoke({ user_id: kim, client_id: clientId });
  expect(await list()).toEqual([]);
});

test('the log is searched, read and followed', async () => {
  const hal = await arrive('hal');
  const ofHal = await collect(await api.users.logs.list(hal, { per_page: 10 }));
  expect(ofHal.map(({ type }) => type)).toContain('s');
  const { data: found } = await api.logs.list({ search: `user_id:"${hal}"`, sort: 'date:-1', per_page: 5 });
  expect(found.length).toBeGreaterThan(0);
  expect(found.every((event) => event.user_id === hal)).toBe(true);
  const id = found[0]?.log_id ?? '';
  expect(await api.logs.get(id)).toEqual(found[0]);
});

test('what people have allowed is listed and taken back', async () => {
  const { userGrants } = api;
  const ivy = await arrive('ivy');
  const agent = createAgent();
  const request = { ...third, connection, audience, scope: 'openid read:shows' };
  const allow = async () => {
    const page = await agent.follow(authorizeUrl(getWorld(), request), third.redirect_uri);
    const { action, fields } = readForm(page.body);
    await agent.post(action, { ...fields, decision: 'allow' });
    const [grant] = await collect(await userGrants.list({ user_id: ivy }));
    expect(grant).toMatchObject({ clientID: 'third', user_id: ivy, audience, scope: expect.any(Array) });
    return grant?.id ?? '';
  };
  await userGrants.delete(await allow());
  expect(await collect(await userGrants.list({ user_id: ivy }))).toEqual([]);
  await allow();
  await userGrants.deleteByUserId({ user_id: ivy });
  expect(await collect(await userGrants.list({ user_id: ivy }))).toEqual([]);
});

test('people are imported and exported by jobs, and counted', async () => {
  const { jobs, stats } = api;
  const [found] = (await api.connections.list({ name: connection })).data;
  const connectionId = found?.id ?? '';
  const finished = async (id: string) => {
    for (;;) {
      const job = await jobs.get(id);
      if (job.status === 'completed' || job.status === 'failed') return job;
      await setTimeout(20);
    }
  };
  const people = [{ user_id: `oauth2|${connection}|jane`, email: 'jane@example.com' }, { email: 'nobody@example.com' }];
  const users = new File([JSON.stringify(people)], 'users.json', { type: 'application/json' });
  const started = await jobs.usersImports.create({ users, connection_id: connectionId, upsert: true });
  expect(started).toMatchObject({ type: 'users_import', connection_id: connectionId });
  const imported = await finished(started.id ?? '');
  expect(imported).toMatchObject({ status: 'completed', summary: { total: 2, failed: 1, inserted: 1 } });
  expect(await jobs.errors.get(imported.id ?? '')).toMatchObject([{ user: { email: 'nobody@example.com' } }]);
  expect(await api.users.get(`oauth2|${connection}|jane`)).toMatchObject({ email: 'jane@example.com' });

  const fields = [{ name: 'email' }];
  const exporting = await jobs.usersExports.create({ connection_id: connectionId, format: 'csv', fields });
  const exported = await finished(exporting.id ?? '');
  const file = Buffer.from(await (await fetch(exported.location ?? '')).arrayBuffer());
  expect(gunzipSync(file).toString('utf8')).toContain('jane@example.com');

  expect(await stats.getActiveUsersCount()).toBeGreaterThan(0);
});
