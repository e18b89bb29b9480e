import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Api, type ApiAnswer, addAdmin, createApi } from '../support/management.ts';
import { audience, startWorld, type World } from '../support/world.ts';

/*
 * Requests of Terraform's provider and of go-auth0 that have something of their own about them (recorded exchanges of
 * auth0/terraform-provider-auth0 `a00b6921` and auth0/go-auth0 v1.45.0).
 */

const nouns = ['clients', 'client_keys', 'client_grants', 'resource_servers', 'connections', 'rules_configs'];
const scopes = [
  ...['read', 'create', 'update', 'delete'].flatMap((verb) => nouns.map((noun) => `${verb}:${noun}`)),
  'read:client_credentials',
  'read:logs',
  ...['read', 'create', 'update'].map((verb) => `${verb}:connections_keys`),
  'delete:users',
];
const bodyOf = (answer: ApiAnswer) => answer.body as Record<string, unknown>;

describe('what tools send', () => {
  let world: World;
  let api: Api;
  beforeAll(async () => {
    world = await startWorld({ change: (seed, issuerUrl) => addAdmin(seed, issuerUrl, scopes) });
    api = await createApi(world);
  });
  afterAll(() => world.close());

  async function create(path: string, body: object) {
    const answer = await api.call('POST', path, body);
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
    return bodyOf(answer) as Record<string, unknown> & { id: string; client_id: string };
  }
  const patch = async (path: string, body: object) => {
    const answer = await api.call('PATCH', path, body);
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    return bodyOf(answer);
  };

  const connection = (name: string, more: object = {}) => ({ name, strategy: 'oauth2', options: {}, ...more });

  describe('lists', () => {
    test.each([
      '/rules-configs?include_totals=true&per_page=50',
      '/connections?strategy=oauth2&from=&take=50',
      '/clients?external_client_id=https%3A%2F%2Fapp.example.com%2F',
      '/clients?q=client_grant.allow_any_organization%3Atrue&take=50',
      '/client-grants?allow_any_organization=false',
      '/client-grants?default_for=third_party_clients',
    ])('%s is answered', async (path) => {
      expect(await api.call('GET', path)).toMatchObject({ status: 200 });
    });

    test('client grants are those for the applications themselves, and none is for organizations', async () => {
      const count = async (query: string) => ((await api.call('GET', `/client-grants${query}`)).body as []).length;
      expect(await count('')).toBe(2);
      expect(await count('?subject_type=client&allow_any_organization=false')).toBe(2);
      expect(await count('?subject_type=user')).toBe(0);
      expect(await count('?allow_any_organization=true')).toBe(0);
      expect(await count('?default_for=third_party_clients')).toBe(0);
    });

    test('no application has what external_client_id and q ask for; another q is refused with what it may be', async () => {
      for (const query of ['external_client_id=x', 'q=client_grant.organization_id:org_1']) {
        expect((await api.call('GET', `/clients?${query}`)).body).toEqual([]);
      }
      expect(await api.call('GET', '/clients?q=name:x')).toMatchObject({
        status: 400,
        body: { message: expect.stringMatching(/on property q \(.*client_grant\.organization_id/) },
      });
    });
  });

  describe('applications', () => {
    test('what was said stays through a change of something else', async () => {
      const said = {
        app_type: 'sso_integration',
        skip_non_verifiable_callback_uri_confirmation_prompt: true,
        jwt_configuration: { alg: 'PS256', lifetime_in_seconds: 600 },
        mobile: { ios: { team_id: '1111111111', app_bundle_identifier: 'com.example' } },
        resource_server_identifier: audience,
        token_exchange: { allow_any_profile_of_type: ['custom_authentication', 'on_behalf_of_token_exchange'] },
      };
      const { client_id: id } = await create('/clients', { name: 'Said', ...said });
      expect(await patch(`/clients/${id}`, { description: 'x' })).toMatchObject(said);
      const android = { app_package_name: 'com.example' };
      const changes = { jwt_configuration: { lifetime_in_seconds: 60 }, mobile: { android } };
      expect(await patch(`/clients/${id}`, changes)).toMatchObject({
        jwt_configuration: { alg: 'PS256', lifetime_in_seconds: 60 },
        mobile: { ...said.mobile, android },
      });
      expect(await patch(`/clients/${id}`, { mobile: { ios: null } })).toMatchObject({ mobile: { android } });
      expect(bodyOf(await api.call('PATCH', `/clients/${id}`, { resource_server_identifier: 'x' })).message).toBe(
        "Payload validation error: 'Additional properties not allowed: resource_server_identifier'.",
      );
    });

    test('the id of somebody else’s application says so', async () => {
      const made = await create('/clients', { name: 'Third', is_first_party: false });
      expect(made.client_id).toMatch(/^tpc_[A-Za-z0-9]{22}$/);
    });

    test('what was not said of refresh tokens is filled in', async () => {
      const said = { rotation_type: 'rotating', expiration_type: 'expiring' };
      const { client_id: id, ...made } = await create('/clients', { name: 'Rotating', refresh_token: said });
      const whole = {
        ...said,
        leeway: 0,
        token_lifetime: 2_592_000,
        infinite_token_lifetime: false,
        idle_token_lifetime: 1_296_000,
        infinite_idle_token_lifetime: false,
      };
      expect(made.refresh_token).toEqual(whole);
      expect((await patch(`/clients/${id}`, { description: 'x' })).refresh_token).toEqual(whole);
    });

    test('an application of an API has no grant types, and an empty login address takes it back', async () => {
      const made = await create('/clients', { name: 'Of an API', app_type: 'resource_server' });
      expect(made.grant_types).toEqual([]);
      const path = `/clients/${made.client_id}`;
      expect(await patch(path, { initiate_login_uri: 'https://app.example.com/login' })).toHaveProperty(
        'initiate_login_uri',
      );
      expect(await patch(path, { initiate_login_uri: '', logo_uri: '' })).not.toHaveProperty('initiate_login_uri');
    });

    test('oidc_backchannel_logout is the older name of oidc_logout: null ends back-channel logout', async () => {
      const urls = ['https://app.example.com/ended'];
      const initiators = { mode: 'all' };
      const logout = { backchannel_logout_urls: urls, backchannel_logout_initiators: initiators };
      const { client_id: id } = await create('/clients', { name: 'Told', oidc_logout: logout });
      const path = `/clients/${id}`;
      const more = { backchannel_logout_urls: ['https://app.example.com/other'] };
      expect(await patch(path, { oidc_backchannel_logout: more })).toMatchObject({
        oidc_logout: { ...more, backchannel_logout_initiators: initiators },
      });
      expect(await patch(path, { oidc_backchannel_logout: null })).not.toHaveProperty('oidc_logout');
      const older = await create('/clients', {
        name: 'Told',
        oidc_backchannel_logout: { backchannel_logout_urls: urls },
      });
      expect(older.oidc_logout).toMatchObject({ backchannel_logout_urls: urls });
      const invalid = { oidc_backchannel_logout: { backchannel_logout_urls: ['javascript:1'] } };
      expect((await api.call('PATCH', path, invalid)).status).toBe(400);
    });

    test('metadata has ten keys at most, also after it was merged', async () => {
      const keys = (from: number, to: number) =>
        Object.fromEntries(Array.from({ length: to - from }, (_, index) => [`k${from + index}`, 'v']));
      const { client_id: id } = await create('/clients', { name: 'Full', client_metadata: keys(0, 10) });
      expect(await api.call('PATCH', `/clients/${id}`, { client_metadata: keys(10, 11) })).toMatchObject({
        status: 400,
        body: { message: expect.stringContaining("maximum 10' on property client_metadata") },
      });
      await patch(`/clients/${id}`, { client_metadata: { k0: null, ...keys(10, 11) } });
    });
  });

  test('a client grant without scopes has none, and there is one for an application and an API', async () => {
    const grant = await create('/client-grants', { client_id: 'web', audience });
    expect(grant.scope).toEqual([]);
    expect(await api.call('POST', '/client-grants', { client_id: 'web', audience })).toMatchObject({
      status: 409,
      body: { message: expect.stringContaining('client grant'), errorCode: 'client_grant_conflict' },
    });
    expect((await api.call('DELETE', `/client-grants/${grant.id}`)).status).toBe(204);
  });

  test('an API says who may have tokens for it, and the dialect that was asked for', async () => {
    const made = await create('/resource-servers', {
      identifier: 'https://said.example.com/',
      token_dialect: 'access_token',
    });
    expect(made).toMatchObject({
      token_dialect: 'access_token',
      subject_type_authorization: { client: { policy: 'require_client_grant' }, user: { policy: 'allow_all' } },
    });
    const empty = {
      consent_policy: null,
      authorization_details: null,
      token_encryption: null,
      proof_of_possession: null,
    };
    expect(await patch(`/resource-servers/${made.id}`, empty)).toEqual(made);
  });

  test('a scope of an API that nobody has described has no description', async () => {
    const scopes = [{ value: 'read:a', description: 'Read a' }, { value: 'read:b' }];
    const made = await create('/resource-servers', { identifier: 'https://scopes.example.com/', scopes });
    expect(made.scopes).toEqual(scopes);
  });

  test('the X-Correlation-ID of a change is in the log, its first 64 characters', async () => {
    const id = 'deploy-7-'.padEnd(80, 'x');
    await api.call('PATCH', '/clients/web', { description: 'x' }, { 'x-correlation-id': id });
    const [line] = (await api.call('GET', '/logs?q=type:sapi&per_page=1')).body as { references?: object }[];
    expect(line?.references).toEqual({ correlation_id: id.slice(0, 64) });
    await api.call('PATCH', '/clients/web', { description: 'y' });
    const [next] = (await api.call('GET', '/logs?q=type:sapi&per_page=1')).body as object[];
    expect(next).not.toHaveProperty('references');
  });

  test.each([
    ['POST', '/clients', { name: 'x', app_type: 'desktop' }, '(one of: spa, native, regular_web,'],
    ['POST', '/clients', { name: 'x', client_id: 'x' }, '(32 letters and digits'],
    ['POST', '/clients', { name: 'x', initiate_login_uri: 'ftp://x' }, '(an https address, or nothing)'],
    ['POST', '/clients', { name: '<x>' }, '(a name without < and >)'],
    ['POST', '/connections', { name: 'a--b', strategy: 'oauth2' }, 'name (The name of the connection: letters, digits'],
    ['POST', '/connections', { name: 'x', strategy: 'oauth2', options: { tokenURL: 'https:/x' } }, '(an absolute http'],
    [
      'POST',
      '/connections',
      { name: 'x', strategy: 'oauth2', options: { scope: {} } },
      'Expected type string or array',
    ],
    [
      'POST',
      '/connections',
      { name: 'x', strategy: 'oauth2', options: { customHeaders: { Host: 'x' } } },
      'not allowed: Host',
    ],
    ['POST', '/resource-servers', { identifier: 'urn:x', scopes: [{ value: 'a b' }] }, '(without blanks)'],
    ['GET', '/client-grants?subject_type=people', undefined, '(one of: client, user)'],
  ])('%s %s with %j: what may stand there instead is said', async (method, path, body, said) => {
    const answer = await api.call(method, path, body);
    expect(answer).toMatchObject({ status: 400, body: { message: expect.stringContaining(said) } });
  });

  test.each([
    ['GET', '/keys', 'keys are not available for this connection'],
    ['POST', '/keys', 'keys are not available for this connection'],
    ['POST', '/keys/rotate', 'keys are not available for this connection'],
    ['DELETE', '/users?email=anna%40example.com', 'Connection must be a database connection'],
  ])('%s /connections/:id%s is refused in the words of the contract', async (method, path, message) => {
    const [{ id }] = (await api.call('GET', '/connections')).body as [{ id: string }];
    expect(await api.call(method, `/connections/${id}${path}`)).toMatchObject({ status: 400, body: { message } });
    expect(await api.call(method, `/connections/con_none${path}`)).toMatchObject({
      status: 404,
      body: { message: 'The connection does not exist' },
    });
  });

  describe('connections', () => {
    test('metadata that is null is not there', async () => {
      const made = await create('/connections', connection('nothing', { metadata: { a: 'b', c: null } }));
      expect(made.metadata).toEqual({ a: 'b' });
    });

    test('a display name that is the name is shown where it was said, and gone where it was not repeated', async () => {
      const made = await create('/connections', connection('same', { display_name: 'same' }));
      expect(made.display_name).toBe('same');
      expect(bodyOf(await api.call('GET', `/connections/${made.id}`)).display_name).toBe('same');
      expect(await patch(`/connections/${made.id}`, { display_name: 'same', metadata: { a: 'b' } })).toMatchObject({
        display_name: 'same',
      });
      expect(await patch(`/connections/${made.id}`, { metadata: { a: 'c' } })).not.toHaveProperty('display_name');
    });

    test('cross-app access is refused in the words of the contract, and may be said to be off', async () => {
      const on = connection('cross', { cross_app_access_requesting_app: { active: true } });
      expect(await api.call('POST', '/connections', on)).toMatchObject({
        status: 400,
        body: {
          message: 'Cross App Access Requesting App is not supported for this connection.',
          errorCode: 'operation_not_supported',
        },
      });
      const off = { cross_app_access_requesting_app: { active: false }, cross_app_access_resource_app: null };
      const { id } = await create('/connections', connection('cross', off));
      expect(await patch(`/connections/${id}`, off)).toMatchObject({
        cross_app_access_requesting_app: { active: false },
      });
      const enabled = { cross_app_access_resource_app: { status: 'enabled' } };
      expect((await api.call('PATCH', `/connections/${id}`, enabled)).status).toBe(400);
    });
  });
});
