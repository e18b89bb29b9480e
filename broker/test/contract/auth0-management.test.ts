import { generateKeyPairSync } from 'node:crypto';
import { ManagementClient, ManagementError } from 'auth0-management';
import { beforeAll, expect, test } from 'vitest';
import { clientId, connection, failureOf, useContract } from '../support/contract.ts';
import { addAdmin, adminSecret } from '../support/management.ts';
import { signIn } from '../support/world.ts';

/* `auth0` 7, whose `ManagementClient` is Auth0's own client of the Management API. */

const resources =
  'actions client_credentials client_grants client_keys clients connections resource_servers rules rules_configs token_exchange_profiles';
const scopes = [
  ...resources.split(' ').flatMap((each) => ['read', 'create', 'update', 'delete'].map((verb) => `${verb}:${each}`)),
  ...['tenant_settings', 'branding'].flatMap((each) => [`read:${each}`, `update:${each}`]),
  ...['read', 'create', 'update'].map((verb) => `${verb}:signing_keys`),
  'read:grants',
  'delete:grants',
];

const getWorld = useContract({ isSecure: true, change: (seed, issuerUrl) => addAdmin(seed, issuerUrl, scopes) });

let api: ManagementClient;
beforeAll(() => {
  api = new ManagementClient({ domain: getWorld().domain, clientId: 'admin', clientSecret: adminSecret });
});

/** Every item, page by page, as the library turns them. */
async function collect<Item>(pages: AsyncIterable<Item>): Promise<readonly Item[]> {
  const items: Item[] = [];
  for await (const item of pages) items.push(item);
  return items;
}

const oauth2Options = () => ({
  client_id: 'portico-at-provider',
  client_secret: 'provider-secret',
  authorizationURL: `${getWorld().provider.url}/authorize`,
  tokenURL: `${getWorld().provider.url}/token`,
  scope: 'profile email',
  scripts: {
    fetchUserProfile: `function (accessToken, ctx, callback) {
  request.get({ url: '${getWorld().provider.url}/userinfo', headers: { Authorization: 'Bearer ' + accessToken }, json: true },
    (error, response, body) => callback(error, { user_id: body.id, email: body.email }));
}`,
  },
});

test('a connection is made, signs people in, is read, changed and deleted', async () => {
  const { connections } = api;
  const made = await connections.create({
    name: 'made-by-sdk',
    strategy: 'oauth2',
    display_name: 'Made',
    enabled_clients: [clientId],
    options: oauth2Options(),
  });
  expect(made).toMatchObject({ id: expect.stringMatching(/^con_/), display_name: 'Made', enabled_clients: [clientId] });
  const id = made.id ?? '';
  const request = { client_id: clientId, redirect_uri: getWorld().callback, connection: 'made-by-sdk' };
  expect((await signIn(getWorld(), request)).answer.code).toBeDefined();
  expect(await connections.get(id)).toEqual(made);
  expect(await connections.get(id, { fields: 'name,strategy', include_fields: true })).not.toHaveProperty('options');
  const changed = await connections.update(id, { display_name: 'Changed', options: made.options ?? {} });
  expect(changed).toMatchObject({ display_name: 'Changed', options: oauth2Options() });
  await connections.checkStatus(id);
  await connections.delete(id);
  expect(await failureOf(connections.get(id))).toMatchObject({
    statusCode: 404,
    body: { errorCode: 'inexistent_connection', message: 'The connection does not exist' },
  });
});

test('lists of connections in all three shapes', async () => {
  const { connections } = api;
  const names = ['page-a', 'page-b', 'page-c'];
  for (const name of names) await connections.create({ name, strategy: 'oauth2', options: oauth2Options() });
  const namesOf = (items: readonly { readonly name?: string | undefined }[]) => items.map(({ name }) => name);
  const byCheckpoint = await connections.list({ take: 2, strategy: ['oauth2'] });
  expect(byCheckpoint.data).toHaveLength(2);
  expect(byCheckpoint.hasNextPage()).toBe(true);
  expect(namesOf(await collect(byCheckpoint))).toEqual(expect.arrayContaining([...names, connection]));
  expect(namesOf((await connections.list({ name: 'page-b' })).data)).toEqual(['page-b']);
  const headers = { authorization: `Bearer ${await tokenOf()}` };
  const read = async (query: string) => {
    const response = await fetch(`${getWorld().issuer}api/v2/connections${query}`, { headers });
    return response.json() as Promise<unknown>;
  };
  expect(await read('?name=page-a')).toMatchObject([{ name: 'page-a' }]);
  expect(await read('?name=page-a&include_totals=true')).toMatchObject({ start: 0, total: 1, connections: [{}] });
  expect(await read('?name=page-a&take=1')).toEqual({ connections: [expect.objectContaining({ name: 'page-a' })] });
});

test('the applications of a connection', async () => {
  const [found] = (await api.connections.list({ name: connection })).data;
  const id = found?.id ?? '';
  const namesOf = async () =>
    (await collect(await api.connections.clients.get(id, { take: 1 }))).map((each) => each.client_id);
  await api.connections.clients.update(id, [{ client_id: 'spa', status: true }]);
  expect(await namesOf()).toEqual([clientId, 'spa']);
  await api.connections.clients.update(id, [{ client_id: 'spa', status: false }]);
  expect(await namesOf()).toEqual([clientId]);
  const enabled = await collect(await api.clients.connections.get(clientId, { strategy: ['oauth2'] }));
  expect(enabled.map(({ name }) => name)).toContain(connection);
});

test('an application with its keys, its secret rotated', async () => {
  const { clients } = api;
  const made = await clients.create({ name: 'By SDK', app_type: 'regular_web', client_metadata: { a: '1', b: '2' } });
  expect(made).toMatchObject({
    client_secret: expect.any(String),
    grant_types: ['authorization_code', 'implicit', 'refresh_token', 'client_credentials'],
    jwt_configuration: { lifetime_in_seconds: 36_000 },
  });
  const id = made.client_id ?? '';
  const changed = await clients.update(id, { callbacks: ['https://a.example.com'], client_metadata: { b: 'x' } });
  expect(changed).toMatchObject({ callbacks: ['https://a.example.com'], client_metadata: { a: '1', b: 'x' } });
  expect(await clients.get(id, { fields: 'name', include_fields: true })).toMatchObject({ name: 'By SDK' });
  expect((await clients.rotateSecret(id)).client_secret).not.toBe(made.client_secret);

  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const key = await clients.credentials.create(id, { credential_type: 'public_key', name: 'first', pem, alg: 'RS256' });
  expect(await clients.credentials.list(id)).toMatchObject([{ id: key.id, name: 'first', alg: 'RS256' }]);
  const expiry = '2040-01-01T00:00:00.000Z';
  expect(await clients.credentials.update(id, key.id ?? '', { expires_at: expiry })).toMatchObject({
    expires_at: expiry,
  });
  expect(await clients.credentials.get(id, key.id ?? '')).toMatchObject({ credential_type: 'public_key' });
  await clients.credentials.delete(id, key.id ?? '');
  expect(await clients.credentials.list(id)).toEqual([]);

  const all = await collect(await clients.list({ per_page: 2 }));
  expect(all.map(({ name }) => name)).toEqual(expect.arrayContaining(['By SDK', 'Contract', 'Administrator']));
  expect((await collect(await clients.list({ is_global: true }))).map(({ name }) => name)).toEqual([
    'All Applications',
  ]);
  await clients.delete(id);
  expect(await failureOf(clients.get(id))).toMatchObject({ statusCode: 404, body: { errorCode: 'inexistent_client' } });
});

test('an API, and what an application may ask of it', async () => {
  const identifier = 'https://sdk.example.com/api';
  const api1 = await api.resourceServers.create({ identifier, name: 'SDK', scopes: [{ value: 'read:x' }] });
  const id = api1.id ?? '';
  expect(await api.resourceServers.get(encodeURIComponent(identifier))).toEqual(api1);
  expect(await api.resourceServers.update(id, { token_lifetime: 600 })).toMatchObject({ token_lifetime: 600 });
  const listed = await collect(await api.resourceServers.list({ per_page: 1 }));
  expect(listed.map(({ name }) => name)).toEqual(expect.arrayContaining(['SDK', 'Auth0 Management API']));

  const grant = await api.clientGrants.create({ client_id: 'machine', audience: identifier, scope: ['read:x'] });
  expect(grant).toMatchObject({ id: expect.stringMatching(/^cgr_/), subject_type: 'client' });
  const grantId = grant.id ?? '';
  expect(await collect(await api.clientGrants.list({ audience: identifier }))).toEqual([grant]);
  expect(await api.clientGrants.get(grantId)).toEqual(grant);
  expect(await api.clientGrants.update(grantId, { scope: [] })).toMatchObject({ scope: [] });
  await api.clientGrants.delete(grantId);
  await api.resourceServers.delete(id);
  expect(await failureOf(api.resourceServers.get(id))).toMatchObject({ statusCode: 404 });
});

test('the settings of the tenant and its looks', async () => {
  const changed = await api.tenants.settings.update({
    friendly_name: 'By SDK',
    enabled_locales: ['en', 'de'],
    flags: { enable_client_connections: true },
  });
  expect(changed).toMatchObject({ friendly_name: 'By SDK', flags: { enable_client_connections: true } });
  expect(await api.tenants.settings.get()).toEqual(changed);
  const branding = await api.branding.update({
    colors: { primary: '#123456' },
    logo_url: 'https://a.example.com/l.png',
  });
  expect(branding).toMatchObject({ colors: { primary: '#123456' } });
  expect(await api.branding.get()).toEqual(branding);
});

test('an Action is made, deployed, bound, changed and deleted', async () => {
  const { actions } = api;
  const code = 'exports.onExecutePostLogin = async (event, api) => {};';
  const made = await actions.create({
    name: 'by-sdk',
    code,
    runtime: 'node22',
    supported_triggers: [{ id: 'post-login', version: 'v3' }],
    secrets: [{ name: 'KEY', value: 'hidden' }],
    dependencies: [{ name: 'lodash', version: '4.17.21' }],
  });
  expect(made).toMatchObject({ name: 'by-sdk', secrets: [{ name: 'KEY' }], all_changes_deployed: false });
  expect(JSON.stringify(made)).not.toContain('hidden');
  const id = made.id ?? '';
  expect(await actions.deploy(id)).toMatchObject({ number: 1, status: 'built' });
  expect(await actions.get(id)).toMatchObject({ all_changes_deployed: true, deployed_version: { deployed: true } });
  await actions.update(id, { code: `${code}\n` });
  expect((await actions.get(id)).all_changes_deployed).toBe(false);
  await actions.deploy(id);
  const versions = await collect(await actions.versions.list(id));
  expect(versions.map(({ number }) => number).sort()).toEqual([1, 2]);
  const first = versions.find(({ number }) => number === 1)?.id ?? '';
  expect(await actions.versions.get(id, first)).toMatchObject({ code });
  expect(await actions.versions.deploy(id, first, {})).toMatchObject({ code });
  expect((await collect(await actions.list({ triggerId: 'post-login' }))).map(({ name }) => name)).toEqual(['by-sdk']);

  const { triggers } = actions;
  expect((await triggers.list()).triggers?.map((each) => each.id)).toContain('post-login');
  await triggers.bindings.updateMany('post-login', {
    bindings: [{ ref: { type: 'action_name', value: 'by-sdk' }, display_name: 'Bound' }],
  });
  expect(await collect(await triggers.bindings.list('post-login'))).toMatchObject([
    { display_name: 'Bound', action: { name: 'by-sdk' } },
  ]);
  await triggers.bindings.updateMany('post-login', { bindings: [] });
  await actions.delete(id, { force: true });
  expect(await failureOf(actions.get(id))).toMatchObject({
    statusCode: 404,
    body: { message: 'That action does not exist.' },
  });
});

test('a token exchange profile', async () => {
  const { tokenExchangeProfiles: profiles } = api;
  const action = await api.actions.create({
    name: 'exchange',
    code: 'exports.onExecuteCustomTokenExchange = async (event, api) => {};',
    supported_triggers: [{ id: 'custom-token-exchange', version: 'v1' }],
    deploy: true,
  });
  const rest = { subject_token_type: 'urn:example:token', type: 'custom_authentication' } as const;
  const made = await profiles.create({ name: 'By SDK', action_id: action.id ?? '', ...rest });
  const id = made.id ?? '';
  expect(await profiles.get(id)).toEqual(made);
  await profiles.update(id, { name: 'Renamed' });
  expect((await collect(await profiles.list({ take: 1 }))).map(({ name }) => name)).toEqual(['Renamed']);
  await profiles.delete(id);
  expect(await failureOf(profiles.get(id))).toMatchObject({ statusCode: 404 });
});

test('a Rule and what Rules are configured with', async () => {
  const { rules, rulesConfigs } = api;
  const script = 'function (user, context, callback) { callback(null, user, context); }';
  const made = await rules.create({ name: 'By SDK', script, enabled: false });
  const id = made.id ?? '';
  expect(await rules.get(id)).toEqual(made);
  expect(await rules.update(id, { enabled: true })).toMatchObject({ enabled: true, script });
  expect((await collect(await rules.list())).map(({ name }) => name)).toEqual(['By SDK']);
  expect(await rulesConfigs.set('COLOR', { value: 'red' })).toEqual({ key: 'COLOR', value: 'red' });
  expect(await rulesConfigs.list()).toEqual([{ key: 'COLOR' }]);
  await rulesConfigs.delete('COLOR');
  await rules.delete(id);
  expect(await failureOf(rules.get(id))).toMatchObject({ statusCode: 404, body: { errorCode: 'inexistent_rule' } });
});

test('the signing keys', async () => {
  const { signing } = api.keys;
  const [current] = await signing.list();
  expect(current).toMatchObject({ kid: expect.any(String), cert: expect.stringContaining('BEGIN CERTIFICATE') });
  expect(await signing.get(current?.kid ?? '')).toMatchObject({ fingerprint: expect.any(String) });
  // Everybody has heard of the next key after a while.
  getWorld().broker.clock.advance(120);
  const rotated = await signing.rotate();
  expect(rotated).toMatchObject({ kid: expect.any(String), cert: expect.any(String) });
  expect((await signing.list()).map(({ kid }) => kid)).toContain(rotated.kid);
});

test('refusals are the errors of the library, and are not tried again', async () => {
  const narrow = new ManagementClient({ domain: getWorld().domain, token: 'not-a-token' });
  expect(await failureOf(narrow.connections.list())).toMatchObject({ statusCode: 400 });
  const taken = await failureOf(api.connections.create({ name: connection, strategy: 'oauth2' }));
  expect(taken).toBeInstanceOf(ManagementError);
  expect(taken).toMatchObject({ statusCode: 409, body: { errorCode: 'connection_conflict' } });
  const wrong = await failureOf(api.connections.create({ name: 'a--b', strategy: 'oauth2' }));
  expect(wrong).toMatchObject({ statusCode: 400, body: { errorCode: 'invalid_body' } });
  expect(await failureOf(api.organizations.list())).toMatchObject({
    statusCode: 403,
    body: { message: 'Insufficient scope, expected any of: read:organizations', errorCode: 'insufficient_scope' },
  });
});

async function tokenOf(): Promise<string> {
  const response = await fetch(`${getWorld().issuer}oauth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      grant_type: 'client_credentials',
      client_id: 'admin',
      client_secret: adminSecret,
      audience: `${getWorld().issuer}api/v2/`,
    }),
  });
  return ((await response.json()) as { access_token: string }).access_token;
}
