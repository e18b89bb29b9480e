import { beforeAll, describe, expect, test } from 'vitest';
import { databases, useWorld } from '../support/databases.ts';
import { type Api, type ApiAnswer, addAdmin, createApi } from '../support/management.ts';
import { postToken } from '../support/world.ts';

const nouns = ['token_exchange_profiles', 'actions'];
const scopes = nouns.flatMap((noun) => ['read', 'create', 'update', 'delete'].map((verb) => `${verb}:${noun}`));
const bodyOf = (answer: ApiAnswer) => answer.body as Record<string, unknown>;
const secret = 'migrator-secret-0123456789';
const code = `exports.onExecuteCustomTokenExchange = async (event, api) => {
  api.authentication.setUserByConnection('mapped', { user_id: 'person-1' },
    { creationBehavior: 'create_if_not_exists' });
};`;

describe.each(databases)('token exchange profiles on %s', (database) => {
  const getWorld = useWorld(
    {
      change(seed, issuerUrl) {
        addAdmin(seed, issuerUrl, scopes);
        seed.clients.push({
          client_id: 'migrator',
          client_secret: secret,
          name: 'Migrator',
          token_exchange: { allow_any_profile_of_type: ['custom_authentication'] },
        });
        seed.connections[0]?.enabled_clients?.push('migrator');
      },
    },
    database,
  );
  let api: Api;
  let actionId: string;
  beforeAll(async () => {
    api = await createApi(getWorld());
    const trigger = { id: 'custom-token-exchange', version: 'v1' };
    const made = await api.call('POST', '/actions/actions', { name: 'Takes', supported_triggers: [trigger], code });
    actionId = String(bodyOf(made).id);
    expect((await api.call('POST', `/actions/actions/${actionId}/deploy`)).status).toBe(200);
  });
  const profile = (more: object = {}) => ({
    name: 'Legacy',
    subject_token_type: 'urn:acme:legacy',
    action_id: actionId,
    type: 'custom_authentication',
    ...more,
  });
  const exchange = async (type: string) =>
    (
      await postToken(getWorld(), {
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        client_id: 'migrator',
        client_secret: secret,
        subject_token: 'subject-1',
        subject_token_type: type,
      })
    ).status;

  test('one that is made decides the next exchange, one that is changed or deleted no longer', async () => {
    expect(await exchange('urn:acme:legacy')).toBe(400);
    const made = await api.call('POST', '/token-exchange-profiles', profile());
    expect(made).toMatchObject({ status: 201, body: { ...profile(), id: expect.stringMatching(/^tep_/) } });
    const path = `/token-exchange-profiles/${bodyOf(made).id}`;
    expect(await exchange('urn:acme:legacy')).toBe(200);
    const changed = await api.call('PATCH', path, { name: 'Newer', subject_token_type: 'https://acme.example/t' });
    expect(changed).toMatchObject({ status: 200, body: { name: 'Newer', action_id: actionId } });
    expect([await exchange('urn:acme:legacy'), await exchange('https://acme.example/t')]).toEqual([400, 200]);
    expect(await api.call('GET', path)).toMatchObject({ status: 200, body: bodyOf(changed) });
    expect(await api.call('GET', '/token-exchange-profiles?take=50')).toMatchObject({
      body: { token_exchange_profiles: [bodyOf(changed)] },
    });
    expect((await api.call('DELETE', path)).status).toBe(204);
    expect([await exchange('https://acme.example/t'), (await api.call('GET', path)).status]).toEqual([400, 404]);
  });

  test('a type and a name can be taken once; reserved types and Actions of other triggers are refused', async () => {
    const post = (more: object) => api.call('POST', '/token-exchange-profiles', profile(more));
    expect((await post({ name: 'Taken', subject_token_type: 'urn:acme:taken' })).status).toBe(201);
    expect((await post({ name: 'Another', subject_token_type: 'urn:acme:taken' })).status).toBe(409);
    expect((await post({ name: 'Taken', subject_token_type: 'urn:acme:free' })).status).toBe(409);
    expect((await post({ subject_token_type: 'urn:ietf:params:x' })).status).toBe(400);
    expect((await post({ subject_token_type: 'not a type' })).status).toBe(400);
    expect((await post({ action_id: 'act_unknown' })).status).toBe(400);
    const list = bodyOf(await api.call('GET', '/token-exchange-profiles')).token_exchange_profiles as readonly object[];
    expect(list).toHaveLength(1);
  });
});
