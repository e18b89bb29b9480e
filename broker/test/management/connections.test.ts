import { beforeAll, describe, expect, test } from 'vitest';
import { createAgent } from '../support/agent.ts';
import { databases, useWorld } from '../support/databases.ts';
import { type Api, type ApiAnswer, addAdmin, createApi } from '../support/management.ts';
import { answerParameters, authorizeUrl, signIn } from '../support/world.ts';

const scopes = ['read', 'create', 'update', 'delete'].map((verb) => `${verb}:connections`);
const bodyOf = (answer: ApiAnswer) => answer.body as Record<string, unknown>;

describe.each(databases)('connections on %s', (database) => {
  const getWorld = useWorld({ change: (seed, issuerUrl) => addAdmin(seed, issuerUrl, scopes) }, database);
  let api: Api;
  beforeAll(async () => {
    api = await createApi(getWorld());
  });

  const create = async (name: string, more: object = {}) => {
    const { provider } = getWorld();
    const answer = await api.call('POST', '/connections', {
      name,
      strategy: 'oauth2',
      enabled_clients: ['web'],
      options: {
        client_id: 'portico-at-provider',
        client_secret: 'provider-secret',
        authorizationURL: `${provider.url}/authorize`,
        tokenURL: `${provider.url}/token`,
        userInfoURL: `${provider.url}/userinfo`,
        profileMapping: { user_id: 'id' },
        strategy_version: 2,
      },
      ...more,
    });
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
    return bodyOf(answer) as { id: string; options: Record<string, unknown> };
  };

  test('a connection that is made signs people in, has the contract’s keys, and is shown whole', async () => {
    const made = await create('made-here');
    expect(Object.keys(made).sort()).toEqual([
      'authentication',
      'connected_accounts',
      'enabled_clients',
      'id',
      'is_domain_connection',
      'name',
      'options',
      'realms',
      'strategy',
    ]);
    expect(made).toMatchObject({
      id: expect.stringMatching(/^con_[A-Za-z0-9]{16}$/),
      realms: ['made-here'],
      authentication: { active: true },
      connected_accounts: { active: false },
      options: { client_secret: 'provider-secret', strategy_version: 2 },
    });
    expect(bodyOf(await api.call('GET', `/connections/${made.id}`))).toEqual(made);
    expect((await signIn(getWorld(), { connection: 'made-here' })).answer.code).toBeDefined();
  });

  test('PATCH replaces options whole and forgets a display name that is not repeated', async () => {
    const { id, options } = await create('patched', { display_name: 'Shown' });
    const { client_secret: _, ...rest } = options;
    const patched = bodyOf(await api.call('PATCH', `/connections/${id}`, { options: { ...rest, icon_url: '' } }));
    expect(patched.options).toEqual({ ...rest, icon_url: '' });
    expect(patched).not.toHaveProperty('display_name');
    expect(getWorld().broker.logs).toContainEqual(
      expect.objectContaining({
        fields: expect.objectContaining({ warnings: [expect.stringContaining('client_secret')] }),
      }),
    );
    for (const key of ['name', 'strategy', 'id']) {
      expect(bodyOf(await api.call('PATCH', `/connections/${id}`, { [key]: 'x' })).message).toBe(
        `Payload validation error: 'Additional properties not allowed: ${key}'.`,
      );
    }
  });

  test('enabling and disabling an application takes effect with its next request', async () => {
    const { id } = await create('switched');
    const attempt = async () => {
      const url = authorizeUrl(getWorld(), { connection: 'switched' });
      return answerParameters(await createAgent().get(url)).error_description;
    };
    expect(await attempt()).toBeUndefined();
    const change = (status: boolean) => api.call('PATCH', `/connections/${id}/clients`, [{ client_id: 'web', status }]);
    expect((await change(false)).status).toBe(204);
    expect(await attempt()).toBe('the connection was disabled');
    expect(bodyOf(await api.call('GET', `/connections/${id}/clients?take=100`))).toEqual({ clients: [] });
    await change(true);
    expect(await attempt()).toBeUndefined();
    expect(bodyOf(await api.call('GET', `/connections/${id}/clients`))).toEqual({ clients: [{ client_id: 'web' }] });
    const gone = await api.call('PATCH', `/connections/${id}/clients`, [{ client_id: 'nobody', status: true }]);
    expect(gone).toMatchObject({ status: 404, body: { message: 'The client does not exist' } });
    await api.call('PATCH', `/connections/${id}`, { authentication: { active: false } });
    expect(await attempt()).toBe('the connection was disabled');
  });

  test('a list filters, picks fields and keeps its four keys whatever is picked', async () => {
    await create('listed-one');
    const named = (await api.call('GET', '/connections?name=listed-one&fields=name')).body;
    expect(named).toEqual([
      {
        id: expect.any(String),
        name: 'listed-one',
        is_domain_connection: false,
        authentication: { active: true },
        connected_accounts: { active: false },
      },
    ]);
    expect((await api.call('GET', '/connections?strategy=auth0&strategy=samlp')).body).toEqual([]);
    const all = (await api.call('GET', '/connections?strategy=oauth2&include_totals=true&take=50')).body as {
      connections: readonly unknown[];
    };
    expect(all.connections.length).toBeGreaterThan(2);
    expect(all).not.toHaveProperty('total');
  });

  test('a name can be taken once; deleting says when, and deleting again says nothing', async () => {
    const { id } = await create('taken');
    expect(await api.call('POST', '/connections', { name: 'taken', strategy: 'oauth2' })).toMatchObject({
      status: 409,
      body: { message: 'A connection with the same name already exists', errorCode: 'connection_conflict' },
    });
    expect(await api.call('DELETE', `/connections/${id}`)).toMatchObject({
      status: 202,
      body: { deleted_at: expect.stringMatching(/^\d{4}-.*Z$/) },
    });
    expect((await api.call('DELETE', `/connections/${id}`)).status).toBe(204);
    expect(await api.call('GET', `/connections/${id}`)).toMatchObject({
      status: 404,
      body: { message: 'The connection does not exist', errorCode: 'inexistent_connection' },
    });
  });

  test('auth0-deploy-cli loses no secret that it has a placeholder for, and gets none sent elsewhere', async () => {
    const { id, options } = await create('from-a-repository');
    const { client_secret: _, ...rest } = options;
    const tool = { 'user-agent': 'deploy-cli/8.44.0 (node.js/24.0.0)' };
    const patch = async (changes: object) =>
      bodyOf(await api.call('PATCH', `/connections/${id}`, { options: changes }, tool)).options as object;
    const kept = await patch({ ...rest, scope: 'email' });
    expect(kept).toEqual({ ...options, scope: 'email' });
    expect(Object.keys(kept).indexOf('client_secret')).toBe(Object.keys(options).indexOf('client_secret'));
    expect(await patch({ ...options, client_secret: '' })).toEqual({ ...options, client_secret: '' });
    const url = 'https://elsewhere.example.com/token';
    const elsewhere = [{ tokenURL: url }, { scripts: { tokenExchange: `request.post('${url}', {}, callback)` } }];
    for (const change of elsewhere) {
      await patch(options);
      expect(await patch({ ...rest, ...change })).toEqual({ ...rest, ...change });
    }
  });

  test('every change is a version, the same again is none; restoring one brings the lost secret back', async () => {
    const { id, options } = await create('historic');
    await api.call('PATCH', `/connections/${id}`, { options: { ...options, client_secret: null, scope: 'a b' } });
    const world = getWorld();
    const own = async (method: string, path: string) => {
      const response = await fetch(world.broker.url(`api/portico/v1${path}`), {
        method,
        headers: { authorization: `Bearer ${api.token}` },
      });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    };
    const lost = bodyOf(await api.call('GET', `/connections/${id}`)).options;
    expect((await api.call('PATCH', `/connections/${id}`, { options: lost })).status).toBe(200);
    const { body } = await own('GET', `/connections/${id}/versions`);
    expect(body.versions).toMatchObject([
      {
        number: 2,
        actor: 'admin@clients',
        changes: { 'options.client_secret': { changed: true }, 'options.scope': { to: 'a b' } },
      },
      { number: 1, actor: 'admin@clients' },
    ]);
    expect(JSON.stringify(body)).not.toContain('provider-secret');
    expect((await own('POST', `/connections/${id}/versions/1/restore`)).status).toBe(200);
    expect(bodyOf(await api.call('GET', `/connections/${id}`)).options).toEqual(options);
    expect((await own('POST', `/connections/${id}/versions/99/restore`)).status).toBe(404);
  });

  test.each([
    ['authParams', { redirect_uri: 'https://evil.example/' }],
    ['authParams', { State: 'x' }],
    ['authParamsMap', { code_challenge: 'login_hint' }],
    ['upstream_params', { client_id: { value: 'x' } }],
  ])('UP-14 options.%s %j is refused, and the answer names the parameter', async (group, values) => {
    const body = { name: 'reserved', strategy: 'oauth2', options: { [group]: values } };
    const answer = await api.call('POST', '/connections', body);
    expect(answer.status).toBe(400);
    expect(bodyOf(answer).message).toContain(`The parameter ${Object.keys(values)[0]} is set by the broker`);
  });

  test('UP-19 a connection that is no way to sign in signs nobody in, neither by name nor by a session', async () => {
    const { id } = await create('link-only');
    const { agent, answer } = await signIn(getWorld(), { connection: 'link-only' });
    expect(answer.code).toBeDefined();
    await api.call('PATCH', `/connections/${id}`, {
      authentication: { active: false },
      connected_accounts: { active: true },
    });
    const silent = await agent.get(authorizeUrl(getWorld(), { connection: undefined, prompt: 'none' }));
    expect(answerParameters(silent).error).toBe('login_required');
    const named = await agent.get(authorizeUrl(getWorld(), { connection: 'link-only' }));
    expect(answerParameters(named).error_description).toBe('the connection was disabled');
  });

  test('AC-06 a provider that moves to another host leaves a warning with the change', async () => {
    const { id, options } = await create('moving');
    const moved = { ...options, tokenURL: 'https://elsewhere.example.com/token' };
    await api.call('PATCH', `/connections/${id}`, { options: moved });
    const records = getWorld().broker.logs.filter(
      ({ fields }) =>
        fields.path === `/api/v2/connections/${id}` && /leads to another host/.test(JSON.stringify(fields)),
    );
    expect(records).toHaveLength(1);
  });

  test('UP-07, UP-08 what is risky about connections that stand together is told, until it is mended', async () => {
    const world = getWorld();
    const warnings = async () => {
      const headers = { authorization: `Bearer ${api.token}` };
      const response = await fetch(world.broker.url('api/portico/v1/connections/warnings'), { headers });
      const { warnings: all } = (await response.json()) as { warnings: { code: string; connection: string }[] };
      return all.filter(({ connection }) => connection === 'risky').map(({ code }) => code);
    };
    const { id, options } = await create('risky');
    expect(await warnings()).toEqual(['shared_callback_without_iss', 'shared_registration']);
    const own = { ...options, client_id: 'another', callback_per_connection: true };
    await api.call('PATCH', `/connections/${id}`, { options: own });
    expect(await warnings()).toEqual([]);
  });

  test('If-Match lets one of two writers through', async () => {
    const { id } = await create('contended');
    const { headers } = await api.call('GET', `/connections/${id}`);
    const match = { 'if-match': String(headers.etag) };
    const both = await Promise.all([
      api.call('PATCH', `/connections/${id}`, { metadata: { by: 'one' } }, match),
      api.call('PATCH', `/connections/${id}`, { metadata: { by: 'two' } }, match),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 412]);
  });

  test.each([
    ['authorizationURL', 'javascript:alert(1)'],
    ['authorizationURL', 'https://user@evil.example/'],
    ['tokenURL', 'https://provider.example/#x'],
    ['tokenURL', '/relative'],
    ['icon_url', 'data:image/png;base64,AA'],
    ['customHeaders', { 'X-A': 'b\r\nHost: evil' }],
    ['customHeaders', { 'X A': 'b' }],
    ['customHeaders', { 'X-A': { b: 1 } }],
    ['scripts', { fetchUserProfile: 7 }],
    ['scope', 7],
  ])('options.%s %j is refused, and the answer names it', async (name, value) => {
    const options = { [name]: value };
    const answer = await api.call('POST', '/connections', { name: 'refused', strategy: 'oauth2', options });
    expect(answer.status).toBe(400);
    expect(bodyOf(answer).message).toContain(`options.${name}`);
  });

  test('secrets are shown with a line in the log, and not without the scope once the tenant asks for it', async () => {
    const { store } = getWorld().broker;
    const { id } = await create('secretive');
    await api.call('GET', `/connections/${id}`);
    expect(getWorld().broker.logs).toContainEqual(
      expect.objectContaining({
        message: 'Read secrets of connections',
        fields: expect.objectContaining({ type: 'mgmt_api_read' }),
      }),
    );
    const settings = await store.tenant.find();
    if (settings === undefined) throw new Error('the tenant has settings');
    await store.write(
      store.tenant.put({
        ...settings,
        hasConnectionOptionsWithoutScopes: false,
        hasEnabledClientsOnConnections: false,
      }),
    );
    const shown = bodyOf(await api.call('GET', `/connections/${id}`));
    expect(shown).not.toHaveProperty('options');
    expect(shown).not.toHaveProperty('enabled_clients');
    expect(await api.call('PATCH', `/connections/${id}`, { options: {} })).toMatchObject({
      status: 403,
      body: { message: 'Insufficient scope, expected any of: update:connections_options' },
    });
    expect(bodyOf(await api.call('PATCH', `/connections/${id}`, { enabled_clients: [] })).message).toBe(
      "Payload validation error: 'Additional properties not allowed: enabled_clients'.",
    );
    await store.write(store.tenant.put(settings));
  });
});
