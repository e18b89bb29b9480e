import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Api, addAdmin, apiWith, createApi } from '../support/management.ts';
import { audience, postToken, startWorld, type World, webSecret } from '../support/world.ts';

const scopes = ['read', 'create', 'update', 'delete'].map((verb) => `${verb}:client_grants`);

describe('client grants', () => {
  let world: World;
  let api: Api;
  beforeAll(async () => {
    world = await startWorld({
      change(seed, issuerUrl) {
        addAdmin(seed, issuerUrl, scopes);
        seed.clients.find(({ client_id: id }) => id === 'web')?.grant_types?.push('client_credentials');
      },
    });
    api = await createApi(world);
  });
  afterAll(() => world.close());

  const askForToken = () =>
    postToken(world, { grant_type: 'client_credentials', client_id: 'web', client_secret: webSecret, audience });

  test('a grant that is made counts at the next token request, and no longer once it is deleted', async () => {
    expect((await askForToken()).status).toBe(403);
    const made = await api.call('POST', '/client-grants', { client_id: 'web', audience, scope: ['read:shows'] });
    expect(made).toMatchObject({
      status: 201,
      body: { id: expect.stringMatching(/^cgr_[A-Za-z0-9]{16}$/), client_id: 'web', audience, scope: ['read:shows'] },
    });
    expect((await askForToken()).body.scope).toBe('read:shows');
    const { id } = made.body as { id: string };
    expect((await api.call('PATCH', `/client-grants/${id}`, { scope: [] })).body).toMatchObject({ id, scope: [] });
    expect((await askForToken()).body.scope).toBeUndefined();
    expect((await api.call('DELETE', `/client-grants/${id}`)).status).toBe(204);
    expect((await askForToken()).status).toBe(403);
  });

  test('what an export of Auth0 says of organizations is taken where it is so here, and refused where it is not', async () => {
    const grant = { client_id: 'web', audience, scope: [] };
    const none = { organization_usage: 'deny', allow_any_organization: false, authorization_details_types: [] };
    const made = await api.call('POST', '/client-grants', { ...grant, ...none });
    expect(made.status).toBe(201);
    const { id } = made.body as { id: string };
    expect((await api.call('PATCH', `/client-grants/${id}`, { scope: [], ...none })).status).toBe(200);
    for (const some of [
      { organization_usage: 'require' },
      { allow_any_organization: true },
      { allow_all_scopes: true },
    ]) {
      expect((await api.call('PATCH', `/client-grants/${id}`, some)).status).toBe(400);
    }
    await api.call('DELETE', `/client-grants/${id}`);
  });

  test('what cannot be is refused in the words of the contract', async () => {
    expect(
      (await api.call('POST', '/client-grants', { client_id: 'web', audience: 'x', scope: [] })).body,
    ).toMatchObject({ statusCode: 404, error: 'Not Found', message: 'Resource server not found' });
    expect((await api.call('GET', '/client-grants/cgr_none')).body).toEqual({
      statusCode: 404,
      error: 'Not Found',
      message: 'The grant does not exist.',
      errorCode: 'inexistent_client_grant',
    });
    const invalid = await api.call('POST', '/client-grants', { client_id: 7, audience, scope: [], global: true });
    expect(invalid.body).toEqual({
      statusCode: 400,
      error: 'Bad Request',
      message:
        "Payload validation error: 'Additional properties not allowed: global'. (also) " +
        "Payload validation error: 'Expected type string but found type integer' on property client_id.",
      errorCode: 'invalid_body',
    });
    expect((await api.call('GET', '/client-grants?foo=1')).body).toMatchObject({
      message: "Query validation error: 'Additional properties not allowed: foo'.",
      errorCode: 'invalid_query_string',
    });
  });

  test('a list has the three shapes of the contract', async () => {
    const { body: bare } = await api.call('GET', '/client-grants');
    expect(bare).toHaveLength(2);
    const [one, two] = bare as readonly { id: string }[];
    expect((await api.call('GET', '/client-grants?include_totals=true&per_page=1&page=1')).body).toEqual({
      start: 1,
      limit: 1,
      total: 2,
      client_grants: [two],
    });
    const { body: first } = await api.call('GET', '/client-grants?take=1');
    expect(first).toEqual({ client_grants: [one], next: expect.any(String) });
    const { next } = first as { next: string };
    expect((await api.call('GET', `/client-grants?take=1&from=${next}`)).body).toEqual({ client_grants: [two] });
    expect((await api.call('GET', '/client-grants?client_id=machine')).body).toMatchObject([{ client_id: 'machine' }]);
    expect((await api.call('GET', '/client-grants?take=1&from=forged')).status).toBe(400);
  });

  test('who does not show a good token, or has not the scope, learns so and nothing else', async () => {
    expect(await apiWith(world, '').call('GET', '/client-grants')).toMatchObject({ status: 400 });
    expect(await apiWith(world, 'a.b.c').call('GET', '/client-grants')).toMatchObject({
      status: 401,
      body: { message: 'Invalid token', attributes: { error: 'Invalid token' } },
    });
    const reader = await createApi(world, 'read:client_grants');
    expect(await reader.call('DELETE', '/client-grants/cgr_none')).toMatchObject({
      status: 403,
      body: { message: 'Insufficient scope, expected any of: delete:client_grants', errorCode: 'insufficient_scope' },
    });
    const nowhere = {
      '/guardian/policies': 'read:guardian',
      '/users/oauth2%7Cmapped%7Cx/roles': 'read:roles',
      '/users/oauth2%7Cmapped%7Cx/authentication-methods': 'read:authentication_methods',
      '/actions/modules': 'read:modules',
      '/branding/themes/default': 'read:themes',
    };
    for (const [path, scope] of Object.entries(nowhere)) {
      expect(await api.call('GET', path), path).toMatchObject({
        status: 403,
        body: { message: `Insufficient scope, expected any of: ${scope}`, errorCode: 'insufficient_scope' },
      });
    }
  });
});
