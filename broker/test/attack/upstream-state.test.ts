import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { hashHandle } from '../../src/core/hash.ts';
import type { HandleHash } from '../../src/core/ids.ts';
import { createAgent } from '../support/agent.ts';
import { answerParameters, callback, redeem, signIn, startWorld, type World } from '../support/world.ts';
import { beginSignIn, changed, expectErrorRedirect, expectPage } from './refusal.ts';

/* The state of a sign-in upstream belongs to one browser, one connection and one use. */

let world: World;
let tokenRequests: number;
beforeAll(async () => {
  world = await startWorld({ provider: { requiresPkce: false } });
});
afterAll(() => world.close());
beforeEach(() => {
  tokenRequests = world.provider.counts.token;
});

const newTokenRequests = (): number => world.provider.counts.token - tokenRequests;
const isWaiting = async (state: string): Promise<boolean> =>
  (await world.broker.store.transactions.find(hashHandle(state) as HandleHash)) !== undefined;

test("UP-01 an attacker's callback in a browser that began nothing is a page, and the code goes nowhere", async () => {
  const { callbackUrl } = await beginSignIn(world);
  await expectPage(world, await createAgent().get(callbackUrl));
  expect(newTokenRequests()).toBe(0);
});

test('UP-02 a state carried into another browser ends the transactions of both', async () => {
  const attacker = await beginSignIn(world);
  const victim = await beginSignIn(world);
  const event = await expectPage(world, await victim.agent.get(attacker.callbackUrl));
  expect(event.details.detail).toMatch(/^transaction: another browser, attempt tr_/);
  expect(await isWaiting(attacker.state)).toBe(false);
  expect(await isWaiting(victim.state)).toBe(false);
  await expectPage(world, await attacker.agent.get(attacker.callbackUrl));
  await expectPage(world, await victim.agent.get(victim.callbackUrl));
  expect(newTokenRequests()).toBe(0);
});

test.each([
  ['is left out', (url: string) => changed(url, { state: undefined })],
  ['is empty', (url: string) => changed(url, { state: '' })],
  ['is sent as a list', (url: string) => url.replace('state=', 'state[]=')],
  ['is sent twice, the same', (url: string, state: string) => `${url}&state=${state}`],
  [
    'is sent twice, the first one foreign',
    (url: string, state: string) => `${changed(url, { state: 'st_x' })}&state=${state}`,
  ],
  ['is sent in another case', (url: string, state: string) => changed(url, { state: state.toUpperCase() })],
  ['has a letter more', (url: string, state: string) => changed(url, { state: `${state}A` })],
])('UP-03 a callback whose state %s is a page, even in the right browser', async (_, change) => {
  const { agent, callbackUrl, state } = await beginSignIn(world);
  await expectPage(world, await agent.get(change(callbackUrl, state)));
  expect(newTokenRequests()).toBe(0);
});

test('UP-04 a callback that is submitted again, in the same browser, is a page and no second session', async () => {
  const { agent, callbackUrl } = await beginSignIn(world);
  const first = await agent.get(callbackUrl);
  expect(answerParameters(first).code).toMatch(/^ac_/);
  const cookies = new Map(agent.cookies);
  await expectPage(world, await agent.get(callbackUrl));
  expect(agent.cookies).toEqual(cookies);
  expect(newTokenRequests()).toBe(1);
});

test('UP-05 a callback after fifteen minutes is a page, and the transaction is gone', async () => {
  const { agent, callbackUrl, state } = await beginSignIn(world);
  world.broker.clock.advance(900);
  const event = await expectPage(world, await agent.get(callbackUrl));
  expect(event.details.detail).toMatch(/^transaction: expired/);
  expect(await isWaiting(state)).toBe(false);
  expect(newTokenRequests()).toBe(0);
});

test('UP-05 a transaction that nobody came back for is purged', async () => {
  const { state } = await beginSignIn(world);
  world.broker.clock.advance(901);
  await world.broker.store.purgeExpired(world.broker.clock.now(), 1000);
  expect(await isWaiting(state)).toBe(false);
});

test('UP-06 a handle of one kind opens nothing of another kind', async () => {
  const { agent, answer } = await signIn(world, { scope: 'openid offline_access' });
  const session = agent.cookies.get('auth0') ?? '';
  const device = agent.cookies.get('did') ?? '';
  const { code: spare } = (await signIn(world, { scope: 'openid offline_access' })).answer;
  const refreshToken = String((await redeem(world, spare)).body.refresh_token);
  const begun = await beginSignIn(world, { connection: 'scripted' }, agent);
  expect([session, device, refreshToken, begun.state].map((handle) => handle.slice(0, 3))).toEqual([
    'se_',
    'did',
    'v1.',
    'st_',
  ]);

  for (const handle of [session, device, refreshToken, answer.code ?? '']) {
    await expectPage(world, await agent.get(changed(begun.callbackUrl, { state: handle })));
  }
  for (const handle of [begun.state, session, device, refreshToken, begun.code]) {
    expect(await redeem(world, handle)).toMatchObject({ status: 403, body: { error: 'invalid_grant' } });
  }
  for (const handle of [begun.state, answer.code ?? '', device, refreshToken]) {
    const stranger = createAgent(new Map([['auth0', handle]]));
    const { location } = await stranger.follow(
      `${world.broker.url('authorize')}?client_id=web&response_type=code&redirect_uri=${callback}&prompt=none&state=app-state`,
      callback,
    );
    expect(new URL(location ?? '').searchParams.get('error')).toBe('login_required');
  }
  for (const handle of [begun.state, answer.code ?? '', session]) {
    const stranger = createAgent(new Map([['did', handle]]));
    const own = await beginSignIn(world, {}, stranger);
    expect(own.agent.cookies.get('did')).not.toBe(handle);
  }
  expect(newTokenRequests()).toBe(2);
});

test('UP-11 a code from another browser, put into an own transaction, is refused upstream and signs nobody in', async () => {
  const victim = await beginSignIn(world);
  const attacker = await beginSignIn(world);
  const answer = await attacker.agent.get(changed(attacker.callbackUrl, { code: victim.code }));
  expectErrorRedirect(world, answer, { error: 'invalid_request', description: 'failed to obtain access token' });
  expect(attacker.agent.cookies.has('auth0')).toBe(false);
  const verifiers = world.provider.requestsTo('token').map(({ form }) => form.get('code_verifier'));
  expect(verifiers.at(-1)).toMatch(/^[\w-]{43}$/);
  expect(verifiers.slice(0, -1)).not.toContain(verifiers.at(-1));
});

test("UP-13 one connection's state does not pass at another connection's callback", async () => {
  const { agent, callbackUrl } = await beginSignIn(world, { connection: 'mapped' });
  const other = (await world.broker.store.connections.list()).find(({ name }) => name === 'scripted');
  await expectPage(world, await agent.get(callbackUrl.replace('/login/callback', `/login/callback/${other?.id}`)));
  expect(newTokenRequests()).toBe(0);
});
