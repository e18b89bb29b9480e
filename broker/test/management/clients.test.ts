import { generateKeyPairSync } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { databases, useWorld } from '../support/databases.ts';
import { type Api, type ApiAnswer, addAdmin, createApi } from '../support/management.ts';
import { audience, postToken } from '../support/world.ts';

const verbs = ['read', 'create', 'update', 'delete'];
const scopes = [
  ...verbs.flatMap((verb) => [`${verb}:clients`, `${verb}:client_keys`, `${verb}:client_credentials`]),
  'create:client_grants',
  'read:client_summary',
  'read:connections',
];
const bodyOf = (answer: ApiAnswer) => answer.body as Record<string, unknown>;

describe.each(databases)('applications on %s', (database) => {
  const getWorld = useWorld({ change: (seed, issuerUrl) => addAdmin(seed, issuerUrl, scopes) }, database);
  let api: Api;
  beforeAll(async () => {
    api = await createApi(getWorld());
  });
  const create = async (body: object) => {
    const answer = await api.call('POST', '/clients', body);
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
    return bodyOf(answer) as { client_id: string; client_secret: string } & Record<string, unknown>;
  };

  test('one that is made with a name alone has the contract’s defaults, and its secret works', async () => {
    const made = await create({ name: 'Fresh' });
    expect(made).toMatchObject({
      client_id: expect.stringMatching(/^[A-Za-z0-9]{32}$/),
      client_secret: expect.stringMatching(/^[\w-]{43,}$/),
      is_first_party: true,
      oidc_conformant: false,
      sso_disabled: false,
      cross_origin_authentication: false,
      custom_login_page_on: true,
      grant_types: ['authorization_code', 'implicit', 'refresh_token', 'client_credentials'],
      jwt_configuration: { lifetime_in_seconds: 36_000, secret_encoded: false },
      refresh_token: { rotation_type: 'non-rotating', expiration_type: 'non-expiring', infinite_token_lifetime: true },
      signing_keys: [{ cert: expect.stringContaining('BEGIN CERTIFICATE') }],
    });
    for (const unsaid of ['callbacks', 'app_type', 'token_endpoint_auth_method']) {
      expect(made).not.toHaveProperty(unsaid);
    }
    await api.call('POST', '/client-grants', { client_id: made.client_id, audience, scope: [] });
    const token = (secret: string) =>
      postToken(getWorld(), {
        grant_type: 'client_credentials',
        client_id: made.client_id,
        client_secret: secret,
        audience,
      });
    expect((await token(made.client_secret)).status).toBe(200);
    const rotated = bodyOf(await api.call('POST', `/clients/${made.client_id}/rotate-secret`));
    expect((await token(made.client_secret)).status).toBe(401);
    expect((await token(String(rotated.client_secret))).status).toBe(200);
    expect((await api.call('DELETE', `/clients/${made.client_id}`)).status).toBe(204);
    expect((await api.call('DELETE', `/clients/${made.client_id}`)).status).toBe(204);
    expect((await token(String(rotated.client_secret))).status).toBe(401);
  });

  test('one that moves here keeps its id and its secret, and takes nobody else’s', async () => {
    const given = { client_id: 'AbC123dEf456gHi789jKl012mNo345pQ', client_secret: 'kept-secret-0123456789' };
    expect(await create({ name: 'Moved', ...given })).toMatchObject(given);
    await api.call('POST', '/client-grants', { client_id: given.client_id, audience, scope: [] });
    const token = await postToken(getWorld(), { grant_type: 'client_credentials', ...given, audience });
    expect(token.status).toBe(200);
    const again = await api.call('POST', '/clients', { name: 'Again', client_id: given.client_id });
    expect(again).toMatchObject({ status: 409, body: { error: 'Conflict' } });
    expect((await api.call('POST', '/clients', { name: 'Odd', client_id: 'a b' })).status).toBe(400);
    expect((await api.call('PATCH', `/clients/${given.client_id}`, { client_id: 'other' })).status).toBe(400);
  });

  test('how its secret is encoded stays when the rest of its ID tokens is changed without a word of it', async () => {
    const jwt = { alg: 'HS256', secret_encoded: true };
    const { client_id: id } = await create({ name: 'Encoded', jwt_configuration: jwt });
    const changes = { jwt_configuration: { alg: 'HS256', lifetime_in_seconds: 60 } };
    const patched = await api.call('PATCH', `/clients/${id}`, changes);
    expect(bodyOf(patched).jwt_configuration).toEqual({ ...jwt, lifetime_in_seconds: 60 });
    const bare = await create({ name: 'Bare', jwt_configuration: { alg: 'RS256' } });
    expect(bare.jwt_configuration).toEqual({ alg: 'RS256', lifetime_in_seconds: 36_000, secret_encoded: false });
  });

  test('PATCH replaces, null takes back, metadata merges by key, and the rest stays', async () => {
    const { client_id: id } = await create({
      name: 'Patched',
      app_type: 'spa',
      callbacks: ['https://app.example.com/cb'],
      web_origins: ['https://app.example.com'],
      client_metadata: { a: '1', b: '2' },
      addons: { samlp: {} },
    });
    const changes = { callbacks: null, client_metadata: { a: null, c: '3' }, description: 'What it is' };
    const patched = bodyOf(await api.call('PATCH', `/clients/${id}`, changes));
    expect(patched).toMatchObject({
      app_type: 'spa',
      description: 'What it is',
      web_origins: ['https://app.example.com'],
      client_metadata: { b: '2', c: '3' },
      addons: { samlp: {} },
    });
    expect(patched).not.toHaveProperty('callbacks');
    expect(patched).not.toHaveProperty('token_endpoint_auth_method');
    expect((await api.call('PATCH', `/clients/${id}`, { name: null })).status).toBe(400);
    const again = bodyOf(await api.call('GET', `/clients/${id}`));
    expect(again).toEqual(patched);
  });

  test.each([
    [{ client_id: 'not an id', name: 'x' }, 'client_id'],
    [{ name: 'x', global: true }, 'global'],
    [{ name: 'x', tenant: 'other' }, 'tenant'],
    [{ name: '<b>' }, 'name'],
    [{ name: 'x', callbacks: ['javascript:alert(1)'] }, 'callbacks[0]'],
    [{ name: 'x', callbacks: ['https://user@app.example/cb'] }, 'callbacks[0]'],
    [{ name: 'x', allowed_logout_urls: ['data:text/html,x'] }, 'allowed_logout_urls[0]'],
    [{ name: 'x', redirection_policy: 'sometimes' }, 'redirection_policy'],
    [{ name: 'x', sso_disabled: 'no' }, 'sso_disabled'],
    [{}, 'name'],
  ])('API-01, DN-04: %j is refused, and the answer names what is wrong', async (body, named) => {
    const answer = await api.call('POST', '/clients', body);
    expect(answer.status).toBe(400);
    expect(bodyOf(answer).message).toContain(named);
  });

  test('API-03: secrets are shown to those with the scope for keys alone, and with a line in the log', async () => {
    const { client_id: id } = await create({ name: 'Secretive', app_type: 'regular_web' });
    const reader = await createApi(getWorld(), 'read:clients');
    expect(bodyOf(await reader.call('GET', `/clients/${id}`))).not.toHaveProperty('client_secret');
    expect(bodyOf(await reader.call('GET', `/clients/${id}?fields=client_secret`))).toEqual({ client_id: id });
    expect(JSON.stringify((await reader.call('GET', '/clients')).body)).not.toContain('"client_secret"');
    const summary = await createApi(getWorld(), 'read:client_summary');
    expect(Object.keys(bodyOf(await summary.call('GET', `/clients/${id}`))).sort()).toEqual([
      'app_type',
      'client_id',
      'name',
    ]);
    await api.call('GET', `/clients/${id}`);
    expect(getWorld().broker.logs).toContainEqual(expect.objectContaining({ message: 'Read secrets of applications' }));
  });

  test('the global client is there, is listed apart, and stays', async () => {
    const { clients } = bodyOf(await api.call('GET', '/clients?is_global=true&include_totals=true')) as {
      clients: readonly { client_id: string; name: string }[];
    };
    expect(clients).toMatchObject([{ name: 'All Applications', global: true }]);
    expect(await api.call('DELETE', `/clients/${clients[0]?.client_id}`)).toMatchObject({
      status: 400,
      body: { message: 'Global client cannot be deleted.' },
    });
    const others = bodyOf(await api.call('GET', '/clients?is_global=false&include_totals=true')) as { total: number };
    expect(others.total).toBeGreaterThan(3);
  });

  test('keys of an application are added, shown without the key itself, changed and taken away', async () => {
    const { client_id: id } = await create({ name: 'With keys' });
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = publicKey.export({ type: 'spki', format: 'pem' });
    const path = `/clients/${id}/credentials`;
    const made = bodyOf(await api.call('POST', path, { credential_type: 'public_key', name: 'k', pem, alg: 'PS256' }));
    expect(made).toMatchObject({
      id: expect.stringMatching(/^cred_/),
      name: 'k',
      alg: 'PS256',
      kid: expect.any(String),
    });
    expect((await api.call('GET', path)).body).toEqual([made]);
    const until = '2030-01-01T00:00:00.000Z';
    expect(bodyOf(await api.call('PATCH', `${path}/${made.id}`, { expires_at: until })).expires_at).toBe(until);
    expect((await api.call('DELETE', `${path}/${made.id}`)).status).toBe(204);
    expect((await api.call('GET', `${path}/${made.id}`)).status).toBe(404);
    expect((await api.call('POST', path, { credential_type: 'public_key', pem: 'no key' })).status).toBe(400);
  });

  test('the connections of an application are listed with both scopes', async () => {
    const { connections } = bodyOf(await api.call('GET', '/clients/web/connections')) as {
      connections: readonly { name: string }[];
    };
    expect(connections.map(({ name }) => name)).toEqual(['mapped', 'scripted']);
    const half = await createApi(getWorld(), 'read:clients');
    expect(await half.call('GET', '/clients/web/connections')).toMatchObject({
      status: 403,
      body: { message: 'Insufficient scope, expected any of: read:connections' },
    });
  });
});
