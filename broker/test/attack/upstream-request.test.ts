import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashHandle } from '../../src/core/hash.ts';
import type { ConnectionId, HandleHash } from '../../src/core/ids.ts';
import { createAgent } from '../support/agent.ts';
import { authorizeUrl, signIn, startWorld, type World } from '../support/world.ts';
import { beginSignIn, changed, eventsSince, expectErrorRedirect, expectPage } from './refusal.ts';

/* What is asked of an upstream is ours to decide, and so is whether it may be asked at all. */

const overrides = {
  state: 'forged-state',
  redirect_uri: 'https://evil.example.com/',
  client_id: 'forged-client',
  client_secret: 'forged-secret',
  response_type: 'token',
  response_mode: 'fragment',
  code_challenge: 'forged-challenge',
  code_challenge_method: 'plain',
  nonce: 'forged-nonce',
  scope: 'forged-scope',
  request: 'forged-request',
  request_uri: 'https://evil.example.com/request',
};
const mapped = Object.fromEntries(Object.keys(overrides).map((name) => [name, `ext-${name}`]));
const asked = Object.fromEntries(Object.entries(overrides).map(([name, value]) => [`ext-${name}`, value]));

let world: World;
beforeAll(async () => {
  world = await startWorld({
    change: (seed) => {
      const [first] = seed.connections;
      if (first === undefined) throw new Error('the seed has a connection');
      const add = (name: string, options: Record<string, unknown>) =>
        seed.connections.push({ ...first, name, options: { ...first.options, ...options } });
      add('params', { authParams: overrides });
      add('map', { authParamsMap: mapped });
      add('upstream', {
        upstream_params: Object.fromEntries(Object.entries(overrides).map(([name, value]) => [name, { value }])),
      });
      add('url', { authorizationURL: `${first.options.authorizationURL}?${new URLSearchParams(overrides)}` });
      add('hint', { authParamsMap: { hint: 'login_hint', device: 'ext-device' } });
      add('removable', {});
    },
  });
});
afterAll(() => world.close());

const lastAuthorization = () => world.provider.requestsTo('authorize').at(-1)?.query ?? new URLSearchParams();

test.each(['params', 'map', 'upstream', 'url'])(
  'UP-14 no reserved parameter can be overridden through the configuration "%s" or by the application',
  async (connection) => {
    const { answer } = await signIn(world, { ...asked, connection });
    expect(answer.code).toMatch(/^ac_/);
    const query = lastAuthorization();
    const names = [...query.keys()];
    expect(new Set(names).size).toBe(names.length);
    expect(Object.fromEntries(query)).toEqual({
      response_type: 'code',
      redirect_uri: world.broker.url('login/callback'),
      scope: 'profile email',
      state: expect.stringMatching(/^st_[\w-]{43}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
      client_id: 'portico-at-provider',
    });
  },
);

test.each([
  'x&redirect_uri=https://evil.example.com/',
  'x%26redirect_uri%3Dhttps%3A%2F%2Fevil.example.com',
  'x#fragment',
  'x;state=forged',
  'x\r\nLocation: https://evil.example.com/',
])('UP-15 a mapped value cannot become a parameter of its own: %j', async (value) => {
  await signIn(world, { connection: 'hint', login_hint: value, 'ext-device': value });
  const query = lastAuthorization();
  expect(query.getAll('hint')).toEqual([value]);
  expect(query.getAll('device')).toEqual([value]);
  expect(query.getAll('redirect_uri')).toEqual([world.broker.url('login/callback')]);
  expect([...query.keys()]).not.toContain('Location');
});

describe('UP-18 a connection', () => {
  const find = async (name: string) => {
    const connection = (await world.broker.store.connections.list()).find((candidate) => candidate.name === name);
    if (connection === undefined) throw new Error(`no connection ${name}`);
    return connection;
  };
  const web = 'web' as Parameters<World['broker']['store']['connections']['enableClient']>[1];
  const enable = (id: ConnectionId) => world.broker.store.write(world.broker.store.connections.enableClient(id, web));
  const disable = (id: ConnectionId) => world.broker.store.write(world.broker.store.connections.disableClient(id, web));

  test('that is disabled while a person is away lets nobody in: no code goes upstream', async () => {
    const { id } = await find('mapped');
    const { agent, callbackUrl } = await beginSignIn(world);
    const before = world.provider.counts.token;
    await disable(id);
    const [event, ...others] = await eventsSince(world, async () => {
      const answer = await agent.get(callbackUrl);
      expectErrorRedirect(world, answer, { error: 'invalid_request', description: 'the connection was disabled' });
    });
    await enable(id);
    expect(event).toMatchObject({ type: 'f', connectionId: id, details: { step: 'request' } });
    expect(others).toEqual([]);
    expect(world.provider.counts.token).toBe(before);
    await expectPage(world, await agent.get(callbackUrl));
  });

  test('that is disabled is not begun by a saved address, and lets nobody in through an old session', async () => {
    const { id } = await find('mapped');
    const { agent } = await signIn(world);
    const saved = authorizeUrl(world);
    await disable(id);
    for (const browser of [agent, createAgent()]) {
      const answer = await browser.get(saved);
      expectErrorRedirect(world, answer, { error: 'invalid_request', description: 'the connection was disabled' });
    }
    const silent = await agent.get(authorizeUrl(world, { connection: undefined, prompt: 'none' }));
    expectErrorRedirect(world, silent, { error: 'login_required', description: 'Login required' });
    await enable(id);
  });

  test('that is picked on the login page after it was disabled is refused', async () => {
    const { id } = await find('mapped');
    const agent = createAgent();
    const page = await agent.get(authorizeUrl(world, { connection: undefined }));
    const state = new URL(page.location ?? '').searchParams.get('state') ?? '';
    await disable(id);
    await expectPage(world, await agent.post(world.broker.url('u/login'), { state, connection: 'mapped' }), {
      step: 'request',
    });
    await enable(id);
  });

  test('that was picked on the login page and is disabled while the person is away lets nobody in', async () => {
    const { id } = await find('mapped');
    const agent = createAgent();
    const page = await agent.get(authorizeUrl(world, { connection: undefined }));
    const state = new URL(page.location ?? '').searchParams.get('state') ?? '';
    const picked = await agent.post(world.broker.url('u/login'), { state, connection: 'mapped' });
    const href = /class="button" href="([^"]+)"/.exec(picked.body)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const { location: callbackUrl } = await agent.get(href);
    const before = world.provider.counts.token;
    await disable(id);
    const answer = await agent.get(callbackUrl ?? '');
    await enable(id);
    expectErrorRedirect(world, answer, { error: 'invalid_request', description: 'the connection was disabled' });
    expect(world.provider.counts.token).toBe(before);
  });

  test('that is deleted while a person is away lets nobody in', async () => {
    const { id } = await find('removable');
    const { agent, callbackUrl } = await beginSignIn(world, { connection: 'removable' });
    const before = world.provider.counts.token;
    await world.broker.store.write(world.broker.store.connections.delete(id));
    const answer = await agent.get(callbackUrl);
    expectErrorRedirect(world, answer, { error: 'invalid_request', description: 'the connection was not found' });
    expect(world.provider.counts.token).toBe(before);
  });
});

test('UP-18 a name that is not a connection signs nobody in, whatever it resembles', async () => {
  for (const connection of ['nobody', 'MAPPED', 'mapped ', '__proto__', 'constructor', "' or 1=1 --"]) {
    const answer = await createAgent().get(authorizeUrl(world, { connection }));
    expectErrorRedirect(world, answer, { error: 'invalid_request', description: 'the connection was not found' });
  }
});

test('UP-09 a sign-in that one browser began cannot be picked up on the login page by another', async () => {
  const began = await createAgent().get(authorizeUrl(world, { connection: undefined }));
  const state = new URL(began.location ?? '').searchParams.get('state') ?? '';
  const victim = createAgent();
  await signIn(world, {}, victim);
  await expectPage(world, await victim.get(began.location ?? ''));
  await expectPage(world, await victim.post(world.broker.url('u/login'), { state, connection: 'mapped' }));
  expect(await world.broker.store.transactions.find(hashHandle(state) as HandleHash)).toBeDefined();
});

test('UP-08 a code of one connection does not pass with the state of another that shares its registration upstream', async () => {
  const { id } = (await world.broker.store.connections.list()).find(({ name }) => name === 'scripted') ?? {};
  const victim = await beginSignIn(world, { connection: 'scripted' });
  const attacker = await beginSignIn(world, { connection: 'mapped' });
  const before = world.provider.counts.token;
  const injected = changed(attacker.callbackUrl, { code: victim.code });
  // The connection's own callback: on the shared one only PKCE and iss tell the two apart (UP-07).
  await expectPage(world, await attacker.agent.get(injected.replace('/login/callback', `/login/callback/${id}`)));
  expect(world.provider.counts.token).toBe(before);
});
