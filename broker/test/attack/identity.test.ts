import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { hashHandle } from '../../src/core/hash.ts';
import type { ClientId, ConnectionId, HandleHash, UpstreamUserId, UserId } from '../../src/core/ids.ts';
import { parseKeyring } from '../../src/vault/keyring.ts';
import { createVault } from '../../src/vault/vault.ts';
import { createAgent } from '../support/agent.ts';
import {
  answerParameters,
  authorizeUrl,
  postToken,
  redeem,
  signIn,
  startWorld,
  type World,
  webSecret,
} from '../support/world.ts';
import { beginSignIn, changed, eventsSince, expectErrorRedirect } from './refusal.ts';

/* One person never becomes another: not by a number, a bar, a name, an e-mail address, or a profile that says more. */

const sealingKeys = `t1:${randomBytes(32).toString('base64')}`;
let world: World;
beforeAll(async () => {
  world = await startWorld({
    environment: { PORTICO_SEALING_KEYS: sealingKeys },
    change: (seed) => {
      const [first] = seed.connections;
      if (first === undefined) throw new Error('the seed has a connection');
      for (const name of ['a', 'a-b', 'netflix', 'auth0', 'oauth2']) seed.connections.push({ ...first, name });
      const { profileMapping: _, ...plain } = first.options;
      seed.connections.push({ ...first, name: 'plain', options: plain });
    },
  });
});
afterAll(() => world.close());
afterEach(() => {
  world.provider.on('userinfo', undefined);
  world.provider.signInAs({ id: 'user-1' });
});

const claimsOf = (jwt: unknown) =>
  JSON.parse(Buffer.from(String(jwt).split('.')[1] ?? '', 'base64url').toString('utf8'));
/** Signs in as `profile` and returns the claims of the ID token. */
async function claimsFor(connection: string, profile: { id: string; [key: string]: unknown }, agent = createAgent()) {
  world.provider.signInAs(profile);
  const { answer } = await signIn(world, { connection }, agent);
  return claimsOf((await redeem(world, answer.code)).body.id_token);
}
const findUser = (id: string) => world.broker.store.users.find(id as UserId);
const countUsers = () => world.broker.store.users.count();

test('AC-01 the same id in two connections is two users', async () => {
  const before = await countUsers();
  const subjects = [(await claimsFor('a', { id: '1' })).sub, (await claimsFor('netflix', { id: '1' })).sub];
  expect(subjects).toEqual(['oauth2|a|1', 'oauth2|netflix|1']);
  expect(await countUsers()).toBe(before + 2);
});

test('AC-02 an id with bars in it is a user of its own connection only', async () => {
  const before = await countUsers();
  const people = [
    ['a', 'b|1'],
    ['a-b', '1'],
    ['a', '-b|1'],
    ['a', '|1'],
    ['a', 'a|2'],
    ['a', 'netflix|1'],
    ['netflix', 'a|1'],
    ['auth0', '1'],
    ['a', 'auth0|1'],
    ['oauth2', 'a|1'],
    ['a', 'oauth2|a|1'],
    ['a', 'google-oauth2|1'],
  ] as const;
  const subjects: string[] = [];
  for (const [connection, id] of people) subjects.push((await claimsFor(connection, { id })).sub);
  expect(subjects).toEqual(people.map(([connection, id]) => `oauth2|${connection}|${id}`));
  expect(new Set(subjects).size).toBe(people.length);
  expect(await countUsers()).toBe(before + people.length);
});

test('AC-05 a connection that is deleted and made again under its name inherits nobody', async () => {
  const { connections, sessions, refreshTokens, identities } = world.broker.store;
  const { agent, answer } = await signIn(world, { connection: 'oauth2', scope: 'openid offline_access' });
  const { body } = await redeem(world, answer.code);
  const old = (await connections.list()).find(({ name }) => name === 'oauth2');
  if (old === undefined) throw new Error('no connection');
  const subject = 'oauth2|oauth2|user-1';
  expect((await findUser(subject))?.loginsCount).toBe(1);

  const parsed = parseKeyring(sealingKeys);
  if (!('keyring' in parsed)) throw new Error('no keyring');
  const vault = createVault(parsed);
  const again = { ...vault.openConnection(old), id: 'con_again00000000000' as ConnectionId };
  await world.broker.store.write(connections.delete(old.id));
  expect(await findUser(subject)).toBeUndefined();
  expect(await identities.find(old.id, 'user-1' as UpstreamUserId)).toBeUndefined();
  expect(await sessions.find(hashHandle(agent.cookies.get('auth0') ?? '') as HandleHash)).toBeUndefined();
  expect(await refreshTokens.find(hashHandle(String(body.refresh_token)) as HandleHash)).toBeUndefined();
  await world.broker.store.write(connections.create(vault.sealConnection(again)));
  await world.broker.store.write(connections.enableClient(again.id, 'web' as ClientId));

  const silent = await agent.get(authorizeUrl(world, { prompt: 'none' }));
  expectErrorRedirect(world, silent, { error: 'login_required' });
  const form = { grant_type: 'refresh_token', client_id: 'web', client_secret: webSecret };
  const refreshed = await postToken(world, { ...form, refresh_token: String(body.refresh_token) });
  expect(refreshed).toMatchObject({ status: 403, body: { error: 'invalid_grant' } });
  expect((await claimsFor('oauth2', { id: 'user-1' })).sub).toBe(subject);
  expect(await findUser(subject)).toMatchObject({ loginsCount: 1 });
  expect(await identities.find(again.id, 'user-1' as UpstreamUserId)).toMatchObject({ userId: subject });
});

test("AC-07 somebody with the victim's verified e-mail address is somebody else", async () => {
  const email = 'victim@example.com';
  const victim = createAgent();
  const { sub } = await claimsFor('mapped', { id: 'victim', email, email_verified: true }, victim);
  const before = await findUser(sub);
  for (const [connection, id] of [
    ['mapped', 'mallory'],
    ['a', 'victim'],
    ['plain', 'mallory'],
  ] as const) {
    const mallory = await claimsFor(connection, { id, email, email_verified: true });
    expect(mallory.sub).not.toBe(sub);
    expect(mallory).toMatchObject({ email, sub: `oauth2|${connection}|${id}` });
  }
  expect(await findUser(sub)).toEqual(before);
});

test('AC-15 a profile that takes over an e-mail address changes its own user only', async () => {
  const { sub } = await claimsFor('mapped', { id: 'first', email: 'first@example.com', email_verified: true });
  const before = await findUser(sub);
  await claimsFor('mapped', { id: 'second', email: 'second@example.com' });
  const second = await claimsFor('mapped', { id: 'second', email: 'first@example.com', email_verified: true });
  expect(second).toMatchObject({ sub: 'oauth2|mapped|second', email: 'first@example.com' });
  expect(await findUser(sub)).toEqual(before);
});

test.each([
  [true, true],
  [false, false],
  ['true', false],
  ['false', false],
  ['yes', false],
  [1, false],
  [[true], false],
  [{}, false],
  [null, false],
  [undefined, false],
])('AC-12 an email_verified of %j counts as %j', async (value, expected) => {
  for (const connection of ['mapped', 'plain']) {
    const claims = await claimsFor(connection, { id: 'somebody', email: 's@example.com', email_verified: value });
    expect(claims.email_verified).toBe(expected);
  }
});

describe('AC-14 a profile that says more than who somebody is', () => {
  const claimed = {
    identities: [{ provider: 'oauth2', user_id: 'admin', connection: 'mapped' }],
    blocked: false,
    tenant: 'other',
    created_at: '2000-01-01T00:00:00.000Z',
    updated_at: '2000-01-01T00:00:00.000Z',
    logins_count: 1000,
    last_ip: '10.0.0.1',
    last_login: '2000-01-01T00:00:00.000Z',
    multifactor: ['none'],
    provider: 'auth0',
    connection: 'admin',
    sub: 'oauth2|mapped|admin',
    // A computed name: an own member, as in the JSON of an upstream.
    ['__proto__']: { isAdmin: true },
    constructor: { prototype: { isAdmin: true } },
    iss: 'https://evil.example.com/',
    aud: 'other',
    azp: 'other',
    exp: 9_999_999_999,
    scope: 'admin',
    sid: 'sid_of_another',
    nonce: 'forged',
  };

  test('changes neither the user nor the token: what only we say stays ours', async () => {
    const claims = await claimsFor('plain', { ...claimed, id: 'more', name: 'More' });
    expect(claims).toMatchObject({ sub: 'oauth2|plain|more', aud: 'web', iss: world.broker.issuerUrl, name: 'More' });
    expect(claims.exp).toBeLessThan(Date.now() / 1000 + 100_000);
    for (const name of ['azp', 'scope', 'nonce', 'isAdmin', 'identities']) expect(claims).not.toHaveProperty(name);
    expect(claims.sid).not.toBe(claimed.sid);
    const user = await findUser('oauth2|plain|more');
    expect(user).toMatchObject({ loginsCount: 1, isBlocked: false });
    const kept = Object.keys(user?.attributes ?? {});
    for (const name of [
      'identities',
      'blocked',
      'tenant',
      'created_at',
      'logins_count',
      'last_ip',
      'provider',
      'connection',
      'sub',
      'constructor',
      '__proto__',
    ]) {
      expect(kept).not.toContain(name);
    }
    expect(({} as Record<string, unknown>).isAdmin).toBeUndefined();
    expect(await findUser('oauth2|mapped|admin')).toBeUndefined();
  });

  test('does not unblock a user', async () => {
    const { sub } = await claimsFor('plain', { id: 'blocked-one' });
    const { users } = world.broker.store;
    await world.broker.store.write(users.setBlocked(sub as UserId, true, world.broker.clock.now()));
    world.provider.signInAs({ ...claimed, id: 'blocked-one', blocked: false });
    const { answer } = await signIn(world, { connection: 'plain' });
    expect(answer).toMatchObject({ error: 'unauthorized', error_description: 'user is blocked' });
    expect((await findUser(sub))?.isBlocked).toBe(true);
  });
});

describe('AC-16 a user who is blocked or deleted', () => {
  const block = (sub: string) =>
    world.broker.store.write(world.broker.store.users.setBlocked(sub as UserId, true, world.broker.clock.now()));
  const remove = (sub: string) => world.broker.store.write(world.broker.store.users.delete(sub as UserId));

  test('while the upstream is asked gets no code, no session, and an event that names the step', async () => {
    const { sub } = await claimsFor('a', { id: 'blocked-meanwhile' });
    const { agent, callbackUrl } = await beginSignIn(world, { connection: 'a', login_hint: 'blocked-meanwhile' });
    await block(sub);
    const [event, ...others] = await eventsSince(world, async () => {
      const answer = await agent.get(callbackUrl);
      expectErrorRedirect(world, answer, { error: 'unauthorized', description: 'user is blocked' });
    });
    expect(event).toMatchObject({ type: 'f', details: { error: 'unauthorized', step: 'user' } });
    expect(others).toEqual([]);
    expect(agent.cookies.has('auth0')).toBe(false);
  });

  test.each([
    ['blocked', block, 'unauthorized'],
    ['deleted', remove, 'invalid_grant'],
  ] as const)(
    '(%s) gets nothing for a code, a refresh token, an access token or a session',
    async (name, end, error) => {
      world.provider.signInAs({ id: `${name}-later` });
      const { agent, answer } = await signIn(world, { connection: 'a', scope: 'openid offline_access' });
      const { body } = await redeem(world, answer.code);
      const { code } = (await signIn(world, { connection: 'a' }, agent)).answer;
      await end(`oauth2|a|${name}-later`);

      expect(await redeem(world, code)).toMatchObject({ status: 403, body: { error } });
      const form = { grant_type: 'refresh_token', client_id: 'web', client_secret: webSecret };
      const refreshed = await postToken(world, { ...form, refresh_token: String(body.refresh_token) });
      expect(refreshed).toMatchObject({ status: 403, body: { error } });
      const headers = { authorization: `Bearer ${body.access_token}` };
      expect((await fetch(world.broker.url('userinfo'), { headers })).status).toBe(401);
      const silent = await agent.get(authorizeUrl(world, { prompt: 'none' }));
      expectErrorRedirect(world, silent, { error: 'login_required' });
    },
  );
});

test('AC-01 a transaction of one connection never signs in a user of another', async () => {
  const begun = await beginSignIn(world, { connection: 'netflix' });
  const answer = await begun.agent.get(changed(begun.callbackUrl, { connection: 'a' }));
  const { body } = await redeem(world, answerParameters(answer).code);
  expect(claimsOf(body.id_token).sub).toBe('oauth2|netflix|user-1');
});
