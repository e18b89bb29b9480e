import { decodeJwt, decodeProtectedHeader } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ManagementDeps } from '../../src/management/deps.ts';
import { endpointsOf } from '../../src/management/management.ts';
import { scopesOf } from '../../src/management/openapi.ts';
import { databases, useWorld } from '../support/databases.ts';
import { type Api, type ApiAnswer, addAdmin, createApi } from '../support/management.ts';
import { machineSecret, postToken } from '../support/world.ts';

const scopes = [
  ...['read', 'create', 'update', 'delete'].map((verb) => `${verb}:resource_servers`),
  'create:client_grants',
];
const bodyOf = (answer: ApiAnswer) => answer.body as Record<string, unknown>;

describe.each(databases)('APIs on %s', (database) => {
  const getWorld = useWorld({ change: (seed, issuerUrl) => addAdmin(seed, issuerUrl, scopes) }, database);
  let api: Api;
  beforeAll(async () => {
    api = await createApi(getWorld());
  });

  test('one that is made has the contract’s defaults, and tokens are made for it as it says', async () => {
    const identifier = 'https://new.example.com/';
    const made = bodyOf(await api.call('POST', '/resource-servers', { identifier }));
    expect(made).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{24}$/),
      identifier,
      signing_alg: 'RS256',
      allow_offline_access: false,
      token_lifetime: 86_400,
      token_lifetime_for_web: 7_200,
      skip_consent_for_verifiable_first_party_clients: false,
      is_system: false,
      subject_type_authorization: { client: { policy: 'require_client_grant' }, user: { policy: 'allow_all' } },
    });
    const path = `/resource-servers/${encodeURIComponent(identifier)}`;
    const changes = {
      name: 'New',
      scopes: [{ value: 'read:x' }],
      token_lifetime: 60,
      signing_alg: 'PS256',
      enforce_policies: true,
    };
    expect(bodyOf(await api.call('PATCH', path, changes))).toMatchObject({
      ...changes,
      scopes: [{ value: 'read:x' }],
      id: made.id,
    });
    await api.call('POST', '/client-grants', { client_id: 'machine', audience: identifier, scope: ['read:x'] });
    const { body } = await postToken(getWorld(), {
      grant_type: 'client_credentials',
      client_id: 'machine',
      client_secret: machineSecret,
      audience: identifier,
    });
    expect(body.expires_in).toBe(60);
    expect(decodeProtectedHeader(String(body.access_token)).alg).toBe('PS256');
    expect(decodeJwt(String(body.access_token)).aud).toBe(identifier);
    expect((await api.call('GET', `/resource-servers/${made.id}`)).status).toBe(200);
    expect(
      (await api.call('GET', `/resource-servers/${encodeURIComponent(encodeURIComponent(identifier))}`)).status,
    ).toBe(200);
    expect((await api.call('DELETE', path)).status).toBe(204);
    expect(await api.call('GET', path)).toMatchObject({
      status: 404,
      body: { message: 'The resource server does not exist', errorCode: 'inexistent_resource_server' },
    });
  });

  test('the Management API is one of them, and is protected', async () => {
    const list = bodyOf(await api.call('GET', '/resource-servers?page=0&per_page=100&include_totals=true'));
    expect(list.resource_servers).toContainEqual(
      expect.objectContaining({
        name: 'Auth0 Management API',
        is_system: true,
        identifier: getWorld().broker.url('api/v2/'),
      }),
    );
    const path = `/resource-servers/${encodeURIComponent(getWorld().broker.url('api/v2/'))}`;
    const shown = bodyOf(await api.call('GET', path)).scopes as { value: string; description: string }[];
    expect(shown.map(({ value }) => value)).toEqual(scopesOf(endpointsOf({} as ManagementDeps)));
    expect(shown).toContainEqual({ value: 'read:client_grants', description: 'Read Client Grants' });
    expect((await api.call('DELETE', path)).status).toBe(400);
    expect((await api.call('PATCH', path, { scopes: [] })).status).toBe(400);
    expect(bodyOf(await api.call('PATCH', path, { token_lifetime: 3_600 })).token_lifetime).toBe(3_600);
  });

  test('an identifier can be taken once', async () => {
    const body = { identifier: 'https://taken.example.com/' };
    expect((await api.call('POST', '/resource-servers', body)).status).toBe(201);
    expect(await api.call('POST', '/resource-servers', body)).toMatchObject({
      status: 409,
      body: { errorCode: 'resource_server_conflict' },
    });
  });
});
