import { request } from 'undici';
import { describe, expect, test } from 'vitest';
import type { UserId } from '../../src/core/ids.ts';
import type { LogEvent } from '../../src/core/log-event.ts';
import { createAgent } from '../support/agent.ts';
import { addPerson, obtainTokens, web } from '../support/applications.ts';
import { useWorld } from '../support/databases.ts';
import { audience, machineSecret, postToken, signIn, webSecret } from '../support/world.ts';

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';

const getWorld = useWorld({
  change(seed) {
    const [first] = seed.connections;
    if (first === undefined) throw new Error('the seed has it');
    const scripts = { getLogoutUrl: "function (query, callback) { throw new Error('broken ' + query.client_id); }" };
    seed.connections.push({ ...first, name: 'broken-logout', options: { ...first.options, scripts } });
    seed.actions.push(
      {
        name: 'trips',
        supported_triggers: [{ id: 'post-login' }],
        deploy: true,
        code: `exports.onExecutePostLogin = async (event, api) => {
          if (event.user.email === 'trips@example.com') throw new Error('tripped');
          if (event.user.email === 'denied@example.com') api.access.deny('not today');
        };`,
      },
      {
        name: 'falls',
        supported_triggers: [{ id: 'credentials-exchange' }],
        deploy: true,
        code: `exports.onExecuteCredentialsExchange = async () => { throw new Error('fell'); };`,
      },
    );
    seed.clients.push({
      client_id: 'tv',
      name: 'Television',
      app_type: 'native',
      token_endpoint_auth_method: 'none',
      grant_types: [deviceGrant],
    });
  },
});

async function during(action: () => Promise<unknown>): Promise<readonly LogEvent[]> {
  const { logs } = getWorld().broker.store;
  const [last] = await logs.list(1);
  await action();
  return logs.listAfter(last?.id, 1_000);
}

const address = (path: string, query: Record<string, string>) =>
  `${getWorld().broker.url(path)}?${new URLSearchParams(query)}`;

async function signedIn(connection = 'mapped') {
  const person = addPerson(getWorld());
  const { agent } = await obtainTokens(getWorld(), web, { login_hint: person.id, connection });
  return { agent, person, userId: `oauth2|${connection}|${person.id}` };
}

async function post(path: string, form: Record<string, string>) {
  const answer = await request(getWorld().broker.url(path), {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
  });
  return { status: answer.statusCode, body: (await answer.body.json()) as Record<string, unknown> };
}

describe('signing out', () => {
  test('leaves a line that says who, of which session; without a session there is none', async () => {
    const { agent, person, userId } = await signedIn();
    const leave = () => agent.get(address('v2/logout', { client_id: 'web' }));
    const events = await during(leave);
    const connectionId = expect.stringMatching(/^con_/);
    expect(events).toMatchObject([
      { type: 'slo', clientId: 'web', userId, userName: person.email, connectionId, details: {} },
    ]);
    const signIns = (await getWorld().broker.store.logs.list(1_000)).filter(({ type }) => type === 's');
    expect(events[0]?.details.session_id).toBe(signIns.find((event) => event.userId === userId)?.details.session_id);
    expect(await during(leave)).toEqual([]);
  });

  test('that is refused is a failure, which names an application only if there is one', async () => {
    const returnTo = 'https://evil.example.com/';
    const events = await during(async () => {
      await createAgent().get(address('v2/logout', { client_id: 'web', returnTo }));
      await createAgent().get(address('oidc/logout', { client_id: 'nobody' }));
    });
    expect(events).toMatchObject([
      { type: 'flo', clientId: 'web', description: expect.stringContaining('Allowed Logout URLs') },
      { type: 'flo', clientId: undefined, description: 'Unknown client' },
    ]);
  });

  test('at a provider whose script fails leaves a failure of its own, without what the script said', async () => {
    const { agent, userId } = await signedIn('broken-logout');
    const events = await during(() => agent.get(address('v2/logout', { client_id: 'web', federated: '' })));
    expect(events).toMatchObject([
      { type: 'slo', userId },
      { type: 'federated_logout_failed', clientId: 'web', userId, details: { step: expect.any(String) } },
    ]);
    expect(JSON.stringify(events)).not.toContain('broken ');
  });
});

describe('devices', () => {
  test('a device that is refused a code, a code that nobody waits for, and one that is never granted are failures', async () => {
    const events = await during(async () => {
      expect((await post('oauth/device/code', { client_id: 'web', client_secret: webSecret })).status).toBe(403);
      await createAgent().post(getWorld().broker.url('activate'), { user_code: 'BCDF-GHJK' });
      const poll = { grant_type: deviceGrant, client_id: 'tv', device_code: 'dc_none' };
      expect((await postToken(getWorld(), poll)).status).toBe(403);
    });
    expect(events.map(({ type, clientId }) => [type, clientId])).toEqual([
      ['fdeaz', 'web'],
      ['fdeac', undefined],
      ['fede', 'tv'],
    ]);
  });

  test('a device that waits leaves nothing', async () => {
    const { body } = await post('oauth/device/code', { client_id: 'tv', scope: 'openid' });
    const poll = { grant_type: deviceGrant, client_id: 'tv', device_code: String(body.device_code) };
    expect(
      await during(async () => {
        expect((await postToken(getWorld(), poll)).body).toMatchObject({ error: 'authorization_pending' });
        expect((await postToken(getWorld(), poll)).body).toMatchObject({ error: 'slow_down' });
      }),
    ).toEqual([]);
  });
});

describe('an Action', () => {
  const typesOf = (events: readonly LogEvent[]) => events.map(({ type }) => type);
  const comeInAs = (email: string) => signIn(getWorld(), { login_hint: addPerson(getWorld(), { email }).id });

  test('that fails has a line of its own beside that of the sign-in; one that refuses has none', async () => {
    const events = await during(() => comeInAs('trips@example.com'));
    expect(typesOf(events)).toEqual(['ss', 'f', 'actions_execution_failed']);
    expect(events[2]).toMatchObject({ details: { action: 'trips' }, clientId: 'web', traceId: events[1]?.traceId });
    expect(typesOf(await during(() => comeInAs('denied@example.com')))).toEqual(['ss', 'f']);
  });

  test('that fails where an application gets a token for itself has one, too', async () => {
    const asked = { grant_type: 'client_credentials', client_id: 'machine', client_secret: machineSecret, audience };
    const events = await during(async () => expect((await postToken(getWorld(), asked)).status).toBe(500));
    expect(events).toMatchObject([
      { type: 'feccft', clientId: 'machine' },
      { type: 'actions_execution_failed', clientId: 'machine', details: { action: 'falls' } },
    ]);
  });
});

test('a user who cannot be made, since the id is taken, is a sign-up that failed', async () => {
  const { store, clock } = getWorld().broker;
  const person = addPerson(getWorld());
  const now = clock.now();
  const user = { id: `oauth2|mapped|${person.id}` as UserId, attributes: {}, userMetadata: {}, appMetadata: {} };
  const came = { isBlocked: false, loginsCount: 1, lastLoginAt: now, createdAt: now, updatedAt: now };
  await store.write(store.users.create({ ...user, ...came }));
  const events = await during(() => signIn(getWorld(), { login_hint: person.id }));
  expect(events).toMatchObject([
    { type: 'f', details: { reason: 'identity_conflict' } },
    { type: 'fs', clientId: 'web' },
  ]);
});

test('a pushed request that is refused is a failure', async () => {
  const push = { client_id: 'web', client_secret: 'wrong', response_type: 'code' };
  expect(await during(() => post('oauth/par', push))).toMatchObject([
    { type: 'fpar', clientId: 'web', details: { detail: 'wrong secret' } },
  ]);
});

test('no page says anything of the log', async () => {
  const pages = await Promise.all([
    createAgent().get(address('v2/logout', { client_id: 'web', returnTo: 'https://evil.example.com/' })),
    createAgent().post(getWorld().broker.url('activate'), { user_code: 'BCDF-GHJK' }),
    createAgent().get(address('v2/logout', {})),
  ]);
  for (const { body } of pages) expect(body).not.toMatch(/\b(?:flo|slo|fdeac|log_[a-z0-9]+)\b|No device waits/i);
});
