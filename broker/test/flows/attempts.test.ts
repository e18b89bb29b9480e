import { beforeEach, describe, expect, test } from 'vitest';
import type { Attempt } from '../../src/core/attempt.ts';
import type { RecordedRun } from '../../src/sandbox/recording-sandbox.ts';
import { parseKeyring } from '../../src/vault/keyring.ts';
import { createVault } from '../../src/vault/vault.ts';
import { createAgent } from '../support/agent.ts';
import { readForm } from '../support/applications.ts';
import { databases, useWorld } from '../support/databases.ts';
import {
  answerParameters,
  audience,
  authorizeUrl,
  callback,
  machineSecret,
  postToken,
  redeem,
  signIn,
  type WorldOptions,
  webSecret,
} from '../support/world.ts';

const keys = `t1:${Buffer.from([...Array(32).keys()]).toString('base64')}`;
const elsewhere = 'https://elsewhere.example.com/ask';
const secret = 'a-secret-of-an-action-0123';

const change: WorldOptions['change'] = (seed) => {
  const action = (name: string, trigger: 'post-login' | 'credentials-exchange', code: string) => ({
    name,
    supported_triggers: [{ id: trigger }],
    deploy: true,
    secrets: [{ name: 'KEY', value: secret }],
    code,
  });
  seed.actions.push(
    action(
      'gate',
      'post-login',
      `exports.onExecutePostLogin = async (event, api) => {
  const mode = event.user.user_metadata.mode;
  console.log('gate', mode, event.secrets.KEY);
  if (event.transaction?.protocol === 'oauth2-refresh-token' && mode === 'closed') api.access.deny('Closed meanwhile');
  if (event.request.query['ext-case'] === 'ask') api.redirect.sendUserTo('${elsewhere}');
};
exports.onContinuePostLogin = async (event, api) => {
  console.log('back with', event.request.query.colour);
  if (event.request.query.colour === 'red') throw new Error('No red today');
};`,
    ),
    action(
      'machines',
      'credentials-exchange',
      `exports.onExecuteCredentialsExchange = async (event, api) => {
  console.log('for', event.client.client_id);
  if (event.request.body.case === 'denied') api.access.deny('invalid_request', 'Not this machine');
};`,
    ),
  );
  const [web] = seed.clients;
  if (web === undefined) throw new Error('the world has a client');
  seed.clients.push({ ...web, client_id: 'partner', is_first_party: false });
  const [mapped, scripted] = seed.connections;
  scripted?.enabled_clients?.push('partner');
  if (mapped === undefined) throw new Error('the world has a connection');
  const { authorizationURL } = mapped.options as { authorizationURL: string };
  seed.connections.push({
    ...mapped,
    name: 'addressed',
    options: {
      ...mapped.options,
      scripts: {
        authorizationUrl: `function (config) { console.log('made for', config.connection); return '${authorizationURL}?made=1'; }`,
        getLogoutUrl: `function (query, callback) {
  console.log('signing out');
  callback(query.client_id === 'spa' ? new Error('Not here') : null, 'https://provider.example.com/bye');
}`,
      },
    },
  });
};

describe.each(databases)('attempts, on %s', (database) => {
  const getWorld = useWorld({ change, environment: { PORTICO_SEALING_KEYS: keys } }, database);

  // So many successes are kept in a second of the broker.
  beforeEach(() => getWorld().broker.clock.advance(1));

  async function newest(): Promise<Attempt<RecordedRun>> {
    const parsed = parseKeyring(keys);
    if (!('keyring' in parsed)) throw new Error('a bad keyring');
    const [stored] = await getWorld().broker.store.attempts.list(1);
    if (stored === undefined) throw new Error('no attempt was kept');
    return createVault(parsed).openAttempt<RecordedRun>(stored);
  }
  const consoleOf = ({ runs }: Attempt<RecordedRun>) =>
    runs.map(({ consoleLines }) => consoleLines.map(({ text }) => text).join());
  const stepsOf = ({ steps }: Attempt<RecordedRun>) => steps.map(({ step }) => step);

  test('a refresh in which scripts ran is kept, whether it succeeds or a script denies it', async () => {
    const { answer } = await signIn(getWorld(), { scope: 'openid offline_access', audience });
    const { body } = await redeem(getWorld(), answer.code);
    const refresh = () =>
      postToken(getWorld(), {
        grant_type: 'refresh_token',
        client_id: 'web',
        client_secret: webSecret,
        refresh_token: String(body.refresh_token),
      });
    expect((await refresh()).status).toBe(200);
    const succeeded = await newest();
    expect(succeeded).toMatchObject({ kind: 'refresh', isFailed: false, clientId: 'web' });
    expect(succeeded.userId).toMatch(/^oauth2\|mapped\|/);
    expect(consoleOf(succeeded)).toEqual(['gate undefined [hidden]']);

    const { store, clock } = getWorld().broker;
    const userId = succeeded.userId;
    if (userId === undefined) throw new Error('a refresh has a user');
    const closed = { userId, at: clock.now(), userMetadata: { mode: 'closed' }, appMetadata: {} };
    await store.write(store.users.changeMetadata(closed));
    const denied = await refresh();
    expect(denied.body).toMatchObject({ error_description: 'Closed meanwhile' });
    const failed = await newest();
    expect(failed).toMatchObject({ kind: 'refresh', isFailed: true, failure: { description: 'Closed meanwhile' } });
    expect(JSON.stringify(failed)).not.toContain(String(body.refresh_token));
    expect(JSON.stringify(failed)).not.toContain(secret);
    await store.write(store.users.changeMetadata({ ...closed, userMetadata: { mode: null } }));
  });

  test("a client's own token, when a script ran for it, is kept with its failure", async () => {
    const ask = (more: object = {}) =>
      postToken(getWorld(), {
        grant_type: 'client_credentials',
        client_id: 'machine',
        client_secret: machineSecret,
        audience,
        ...more,
      });
    expect((await ask()).status).toBe(200);
    expect(await newest()).toMatchObject({ kind: 'client-credentials', isFailed: false, clientId: 'machine' });
    expect((await ask({ case: 'denied' })).status).toBe(400);
    const failed = await newest();
    expect(failed).toMatchObject({
      kind: 'client-credentials',
      isFailed: true,
      failure: { error: 'invalid_request', description: 'Not this machine' },
    });
    expect(consoleOf(failed)).toEqual(['for machine']);
  });

  test('a sign-in that a script sends away is one story, before and after', async () => {
    const agent = createAgent();
    const away = await agent.follow(authorizeUrl(getWorld(), { 'ext-case': 'ask' }), elsewhere);
    const first = await newest();
    expect(first).toMatchObject({ isFailed: false, road: 'sent-away' });
    expect(first.steps.at(-1)).toMatchObject({ step: 'browser.left', fields: { to: 'https://elsewhere.example.com' } });

    const state = new URL(away.location ?? 'missing:').searchParams.get('state');
    const back = await agent.get(getWorld().broker.url(`continue?state=${state}&colour=green`));
    expect(answerParameters(back).code).toBeDefined();
    const whole = await newest();
    expect(whole).toMatchObject({ traceId: first.traceId, isFailed: false, road: 'returned' });
    expect(consoleOf(whole)).toEqual(['gate undefined [hidden]', 'back with green']);
    expect(stepsOf(whole)).toEqual([...stepsOf(first), 'browser.returned', 'action.run']);
  });

  test('both halves are there too where the second one fails', async () => {
    const agent = createAgent();
    const away = await agent.follow(authorizeUrl(getWorld(), { 'ext-case': 'ask' }), elsewhere);
    const state = new URL(away.location ?? 'missing:').searchParams.get('state');
    const back = await agent.get(getWorld().broker.url(`continue?state=${state}&colour=red`));
    expect(answerParameters(back)).toMatchObject({ error_description: 'No red today' });
    const whole = await newest();
    expect(whole).toMatchObject({ isFailed: true });
    expect(whole.runs.map(({ outcome }) => outcome.ok)).toEqual([true, false]);
  });

  test('a sign-in that waits for consent keeps what its profile script did, before and after', async () => {
    const agent = createAgent();
    const parameters = { client_id: 'partner', connection: 'scripted' };
    const asked = await agent.follow(authorizeUrl(getWorld(), parameters), callback);
    const first = await newest();
    expect(first).toMatchObject({ isFailed: false, road: 'at-consent', clientId: 'partner' });
    expect(stepsOf(first).at(-1)).toBe('consent.asked');
    const { action, fields } = readForm(asked.body);
    await agent.post(action, { ...fields, decision: 'allow' });
    const whole = await newest();
    expect(whole).toMatchObject({ traceId: first.traceId, isFailed: false, road: 'returned' });
    expect(whole.runs.map(({ filename }) => filename)).toEqual(['scripted.fetchUserProfile.js', 'gate.v1.js']);
    expect(stepsOf(whole)).toEqual([...stepsOf(first), 'browser.returned', 'action.run']);
  });

  test('a script that made the address for the provider is part of the story, also if nobody comes back', async () => {
    const agent = createAgent();
    const departed = await agent.get(authorizeUrl(getWorld(), { connection: 'addressed' }));
    expect(departed.location).toContain('made=1');
    const first = await newest();
    expect(first).toMatchObject({ isFailed: false, road: 'at-provider', clientId: 'web' });
    expect(consoleOf(first)).toEqual(['made for addressed']);
    await signIn(getWorld(), { connection: 'addressed' });
    const whole = await newest();
    expect(whole.traceId).not.toBe(first.traceId);
    expect(consoleOf(whole)).toEqual(['made for addressed', 'gate undefined [hidden]']);
    expect(stepsOf(whole).slice(0, 4)).toEqual(['script.run', 'browser.left', 'browser.returned', 'upstream.token']);
  });

  test('a script that makes the address of a logout is kept', async () => {
    const { agent } = await signIn(getWorld(), { connection: 'addressed' });
    await agent.get(getWorld().broker.url('v2/logout?federated'));
    const kept = await newest();
    expect(kept).toMatchObject({ kind: 'logout', isFailed: false });
    expect(consoleOf(kept)).toEqual(['signing out']);
  });

  test('exchanges without a script leave no attempt', async () => {
    const before = await newest();
    const { body } = await redeem(getWorld(), 'unknown');
    expect(body.error).toBe('invalid_grant');
    expect((await newest()).traceId).toBe(before.traceId);
  });
});
