import { decodeJwt } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { obtainTokens, web } from '../support/applications.ts';
import { databases, useWorld } from '../support/databases.ts';
import { type Api, type ApiAnswer, addAdmin, createApi } from '../support/management.ts';

const verbs = ['read', 'create', 'update', 'delete'];
const scopes = ['actions', 'rules', 'rules_configs'].flatMap((noun) => verbs.map((verb) => `${verb}:${noun}`));
const bodyOf = (answer: ApiAnswer) => answer.body as Record<string, unknown>;
const claiming = (value: string) =>
  `exports.onExecutePostLogin = async (event, api) => api.idToken.setCustomClaim('https://x/said', ${value});`;

describe.each(databases)('Actions and Rules on %s', (database) => {
  const getWorld = useWorld({ change: (seed, issuerUrl) => addAdmin(seed, issuerUrl, scopes) }, database);
  let api: Api;
  beforeAll(async () => {
    api = await createApi(getWorld());
  });
  const said = async () => {
    const tokens = await obtainTokens(getWorld(), web);
    return decodeJwt(tokens.id_token ?? '')['https://x/said'];
  };
  const create = async (name: string, more: object = {}) => {
    const body = { name, supported_triggers: [{ id: 'post-login', version: 'v3' }], code: claiming("'one'"), ...more };
    const answer = await api.call('POST', '/actions/actions', body);
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
    return bodyOf(answer) as { id: string };
  };
  const bind = (bindings: readonly object[]) =>
    api.call('PATCH', '/actions/triggers/post-login/bindings', { bindings });

  test('an Action runs once it is deployed and bound, and its draft never does', async () => {
    const { id } = await create('Says');
    const refused = await bind([{ ref: { type: 'action_name', value: 'Says' } }]);
    expect(refused).toMatchObject({ status: 400, body: { message: expect.stringContaining('not deployed') } });
    expect(bodyOf(await api.call('POST', `/actions/actions/${id}/deploy`))).toMatchObject({
      number: 1,
      status: 'built',
    });
    const bound = await bind([{ ref: { type: 'action_id', value: id }, display_name: 'Shown so' }]);
    expect(bound).toMatchObject({
      status: 200,
      body: { bindings: [{ trigger_id: 'post-login', display_name: 'Shown so', action: { id, name: 'Says' } }] },
    });
    expect(await said()).toBe('one');
    const draft = await api.call('PATCH', `/actions/actions/${id}`, { code: claiming("'two'") });
    expect(draft).toMatchObject({
      body: {
        all_changes_deployed: false,
        current_version: { number: 1, status: 'BUILT', code: claiming("'one'"), build_time: expect.any(String) },
        deployed_version: { number: 1, status: 'built', deployed: true },
      },
    });
    expect(await said()).toBe('one');
    await api.call('POST', `/actions/actions/${id}/deploy`);
    expect(await said()).toBe('two');
    const list = bodyOf(await api.call('GET', `/actions/actions/${id}/versions`));
    expect(list).toEqual({ versions: expect.any(Array), total: 2, per_page: 50 });
    const { versions } = list as { versions: readonly { id: string; number: number; deployed: boolean }[] };
    expect(versions.map(({ number, deployed }) => [number, deployed])).toEqual([
      [2, true],
      [1, false],
    ]);
    await api.call('POST', `/actions/actions/${id}/versions/${versions[1]?.id}/deploy`);
    expect(await said()).toBe('one');
    expect((await api.call('DELETE', `/actions/actions/${id}`)).status).toBe(400);
    expect((await api.call('DELETE', `/actions/actions/${id}?force=true`)).status).toBe(204);
    expect(await said()).toBeUndefined();
  });

  test('secrets are set, kept without their value, and never shown', async () => {
    const { id } = await create('Secretive', {
      code: claiming('event.secrets.WORD'),
      secrets: [{ name: 'WORD', value: 'sesame' }],
      deploy: true,
    });
    await bind([{ ref: { value: 'Secretive' } }]);
    const shown = await api.call('GET', `/actions/actions/${id}`);
    expect(JSON.stringify(shown.body)).not.toContain('sesame');
    expect(shown.body).toMatchObject({ secrets: [{ name: 'WORD', updated_at: expect.any(String) }] });
    await api.call('PATCH', `/actions/actions/${id}`, { secrets: [{ name: 'WORD' }] });
    expect(await said()).toBe('sesame');
    expect((await api.call('PATCH', `/actions/actions/${id}`, { secrets: [{ name: 'NEW' }] })).status).toBe(400);
    await bind([]);
  });

  test('the versions of Node.js and of the trigger are shown as they were given, and nothing depends on them', async () => {
    const trigger = { id: 'post-login', version: 'v2' };
    const { id } = await create('Aged', { runtime: 'node16', supported_triggers: [trigger], deploy: true });
    const aged = { runtime: 'node16', supported_triggers: [trigger] };
    expect((await api.call('GET', `/actions/actions/${id}`)).body).toMatchObject({ ...aged, deployed_version: aged });
    await bind([{ ref: { value: 'Aged' } }]);
    expect(await said()).toBe('one');
    await api.call('PATCH', `/actions/actions/${id}`, { runtime: 'node18' });
    expect(bodyOf(await api.call('POST', `/actions/actions/${id}/deploy`))).toMatchObject({
      ...aged,
      runtime: 'node18',
    });
    expect(await create('Plain')).toMatchObject({ runtime: 'node22', supported_triggers: [{ version: 'v3' }] });
    await bind([]);
  });

  test('refusals have no errorCode, but for a missing scope', async () => {
    const refused = await api.call('POST', '/actions/actions', { name: 'x' });
    expect(refused).toMatchObject({ status: 400, body: { message: expect.stringContaining('supported_triggers') } });
    expect(refused.body).not.toHaveProperty('errorCode');
    const reader = await createApi(getWorld(), 'read:actions');
    expect(await reader.call('POST', '/actions/actions', { name: 'x' })).toMatchObject({
      status: 403,
      body: { errorCode: 'insufficient_scope' },
    });
  });

  test('an Action of a trigger that Portico has nothing for is kept, and does not run', async () => {
    const { id } = await create('Registers', { supported_triggers: [{ id: 'pre-user-registration' }], deploy: true });
    const list = bodyOf(await api.call('GET', '/actions/actions?triggerId=pre-user-registration'));
    expect(list).toMatchObject({ total: 1, per_page: 20, actions: [{ id }] });
    expect(list).not.toHaveProperty('page');
    expect(bodyOf(await api.call('GET', '/actions/actions?actionName=nobody'))).toEqual({ actions: [], per_page: 20 });
    expect((await api.call('GET', '/actions/actions?include_totals=true')).status).toBe(400);
    expect(await said()).toBeUndefined();
  });

  test('a dependency that is not allowed ends the deployment, and says so', async () => {
    const { id } = await create('Needy', { dependencies: [{ name: 'left-pad', version: '1.3.0' }] });
    expect(await api.call('POST', `/actions/actions/${id}/deploy`)).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('left-pad') },
    });
    expect(await api.call('GET', '/actions/actions/none')).toMatchObject({
      status: 404,
      body: { message: 'That action does not exist.' },
    });
  });

  test('Rules run in their order, read their configuration, and can be switched off', async () => {
    const script =
      "function (user, context, callback) { context.idToken['https://x/said'] = configuration.WORD; callback(null, user, context); }";
    const made = await api.call('POST', '/rules', { name: 'Says', script });
    expect(made).toMatchObject({ status: 201, body: { enabled: true, order: 1, stage: 'login_success' } });
    const { id } = made.body as { id: string };
    expect(await api.call('PUT', '/rules-configs/WORD', { value: 'open' })).toMatchObject({ status: 200 });
    expect((await api.call('GET', '/rules-configs')).body).toEqual([{ key: 'WORD' }]);
    expect(await said()).toBe('open');
    await api.call('PATCH', `/rules/${id}`, { enabled: false });
    expect(await said()).toBeUndefined();
    expect((await api.call('POST', '/rules', { name: 'Says', script })).status).toBe(409);
    expect(await api.call('PATCH', `/rules/${id}`, { name: '-Says' })).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('String does not match pattern'), errorCode: 'invalid_body' },
    });
    expect(bodyOf(await api.call('GET', '/rules?include_totals=true&page=0&per_page=100'))).toMatchObject({ total: 1 });
    expect((await api.call('DELETE', `/rules/${id}`)).status).toBe(204);
    expect((await api.call('DELETE', '/rules-configs/WORD')).status).toBe(204);
    expect(await api.call('GET', `/rules/${id}`)).toMatchObject({
      status: 404,
      body: { errorCode: 'inexistent_rule' },
    });
  });
});
