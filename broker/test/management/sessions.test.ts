import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAgent } from '../support/agent.ts';
import { databases, useDatabase } from '../support/databases.ts';
import { type Api, addAdmin, createApi } from '../support/management.ts';
import {
  authorizeUrl,
  callback,
  createPkce,
  redeem,
  signIn,
  spaCallback,
  startWorld,
  type World,
} from '../support/world.ts';

const scopes = [
  ...['read:sessions', 'update:sessions', 'delete:sessions'],
  ...['read:refresh_tokens', 'update:refresh_tokens', 'delete:refresh_tokens'],
];

describe.each(databases)('sessions and refresh tokens on %s', (database) => {
  const server = useDatabase(database);
  let world: World;
  let api: Api;
  beforeAll(async () => {
    world = await startWorld({
      databaseUrl: await server.url(),
      change: (seed, issuerUrl) => addAdmin(seed, issuerUrl, scopes),
    });
    api = await createApi(world);
  });
  afterAll(() => world.close());

  /** At the provider, whatever session there is. */
  async function signInAs(id: string, agent = createAgent()) {
    world.provider.signInAs({ id, email: `${id}@example.com` });
    const { answer } = await signIn(world, { scope: 'openid offline_access', prompt: 'login' }, agent);
    const { body } = await redeem(world, answer.code);
    const claims = JSON.parse(Buffer.from(String(body.id_token).split('.')[1] ?? '', 'base64url').toString());
    const userId = `oauth2|mapped|${id}`;
    return { agent, path: `/users/${encodeURIComponent(userId)}`, userId, sid: claims.sid, token: body.refresh_token };
  }

  const isSignedIn = async ({ agent }: Awaited<ReturnType<typeof signInAs>>) => {
    const silent = await agent.follow(authorizeUrl(world, { prompt: 'none' }), callback);
    return silent.location?.includes('code=') === true;
  };
  const refresh = async (token: unknown) =>
    (await redeem(world, undefined, { grant_type: 'refresh_token', refresh_token: String(token) })).status;

  test('a session is listed and found by its sid, and what opens it is nowhere', async () => {
    const person = await signInAs('listed');
    const list = await api.call('GET', `${person.path}/sessions`);
    expect(list.body).toMatchObject({ sessions: [{ id: person.sid, user_id: person.userId }] });
    const one = await api.call('GET', `/sessions/${person.sid}`);
    expect(one).toMatchObject({ status: 200, body: { id: person.sid, authenticated_at: expect.any(String) } });
    expect(JSON.stringify(one.body)).not.toMatch(/handle|hash/);
    expect((await api.call('GET', '/sessions/sid_none')).status).toBe(404);
    expect((await api.call('GET', '/users/nobody/sessions')).status).toBe(404);
  });

  test('a session that is ended is over at once, and its refresh tokens live on', async () => {
    const person = await signInAs('ended');
    expect(await isSignedIn(person)).toBe(true);
    expect(await api.call('DELETE', `/sessions/${person.sid}`)).toMatchObject({ status: 202, body: {} });
    expect(await isSignedIn(person)).toBe(false);
    expect(await refresh(person.token)).toBe(200);
    expect((await api.call('DELETE', `/sessions/${person.sid}`)).status).toBe(202);
  });

  test('a session that is revoked takes its refresh tokens along, and no other’s', async () => {
    const person = await signInAs('revoked');
    const elsewhere = await signInAs('revoked');
    expect((await api.call('POST', `/sessions/${person.sid}/revoke`)).status).toBe(202);
    expect(await isSignedIn(person)).toBe(false);
    expect(await refresh(person.token)).toBe(403);
    expect(await isSignedIn(elsewhere)).toBe(true);
    expect(await refresh(elsewhere.token)).toBe(200);
    expect((await api.call('POST', `/sessions/${person.sid}/revoke`)).status).toBe(404);
  });

  test('all sessions of a person end together', async () => {
    const both = [await signInAs('everywhere'), await signInAs('everywhere')];
    const [person] = both;
    const list = await api.call('GET', `${person?.path}/sessions?take=1`);
    expect(list.body).toMatchObject({ sessions: [{}], next: expect.any(String) });
    expect((await api.call('DELETE', `${person?.path}/sessions`)).status).toBe(202);
    for (const each of both) expect(await isSignedIn(each)).toBe(false);
    expect((await api.call('GET', `${person?.path}/sessions`)).body).toEqual({ sessions: [] });
  });

  test('a refresh token is shown without the token, and ended by its id', async () => {
    const person = await signInAs('refreshing');
    const { body } = await api.call('GET', `${person.path}/refresh-tokens?include_totals=true`);
    expect(body).toMatchObject({
      total: 1,
      tokens: [{ client_id: 'web', user_id: person.userId, session_id: person.sid }],
    });
    expect(JSON.stringify(body)).not.toContain(String(person.token));
    const [{ id }] = (body as { tokens: [{ id: string }] }).tokens;
    expect((await api.call('GET', `/refresh-tokens/${id}`)).body).toMatchObject({ id, client_id: 'web' });
    expect((await api.call('DELETE', `/refresh-tokens/${id}`)).status).toBe(202);
    expect(await refresh(person.token)).toBe(403);
    expect((await api.call('GET', `/refresh-tokens/${id}`)).status).toBe(404);
    expect(await isSignedIn(person)).toBe(true);
  });

  test('a code that nobody has redeemed yet goes with the access it would have given, and no other does', async () => {
    const obtain = async ({ agent }: Awaited<ReturnType<typeof signInAs>>) =>
      (await signIn(world, { scope: 'openid offline_access' }, agent)).answer.code;
    const worth = async (code: string | undefined) => (await redeem(world, code)).status;
    const [here, there] = [await signInAs('waiting'), await signInAs('waiting')];
    const [first, second] = [await obtain(here), await obtain(there)];
    expect((await api.call('POST', `/sessions/${here.sid}/revoke`)).status).toBe(202);
    expect([await worth(first), await worth(second)]).toEqual([403, 200]);

    const third = await obtain(there);
    expect((await api.call('POST', `${there.path}/revoke-access`, { session_id: there.sid })).status).toBe(202);
    expect(await worth(third)).toBe(403);
    const again = await signInAs('waiting');
    const fourth = await obtain(again);
    expect((await api.call('DELETE', `${again.path}/refresh-tokens`)).status).toBe(202);
    expect(await worth(fourth)).toBe(403);
    const fifth = await obtain(again);
    expect((await api.call('POST', `${again.path}/revoke-access`, {})).status).toBe(202);
    expect(await worth(fifth)).toBe(403);
  });

  test('all refresh tokens of a person, and all access', async () => {
    const person = await signInAs('all');
    expect((await api.call('DELETE', `${person.path}/refresh-tokens`)).status).toBe(202);
    expect(await refresh(person.token)).toBe(403);
    const again = await signInAs('all');
    const kept = { session_id: again.sid, preserve_refresh_tokens: true };
    expect((await api.call('POST', `${person.path}/revoke-access`, kept)).status).toBe(202);
    expect([await isSignedIn(again), await isSignedIn(person), await refresh(again.token)]).toEqual([false, true, 200]);
    expect((await api.call('POST', `${person.path}/revoke-access`, {})).status).toBe(202);
    expect([await isSignedIn(person), await refresh(again.token)]).toEqual([false, 403]);
  });

  test('a session says where it was begun and used, what it has signed in to, and when', async () => {
    const headers = { 'user-agent': 'First/1' };
    const person = await signInAs('travelling', createAgent(new Map(), headers));
    const get = async () => (await api.call('GET', `/sessions/${person.sid}`)).body as Record<string, unknown>;
    const first = await get();
    const where = { initial_ip: '127.0.0.1', last_ip: '127.0.0.1' };
    expect(first).toMatchObject({
      device: { ...where, initial_user_agent: 'First/1', last_user_agent: 'First/1' },
      clients: [{ client_id: 'web' }],
      authentication: { methods: [{ name: 'federated', timestamp: first.authenticated_at }] },
      cookie: { mode: 'persistent' },
      session_metadata: {},
      last_interacted_at: first.created_at,
    });

    headers['user-agent'] = `Second/2 ${'x'.repeat(1000)}`;
    const atSpa = { client_id: 'spa', redirect_uri: spaCallback, prompt: 'none', code_challenge_method: 'S256' };
    const silently = () =>
      person.agent.follow(authorizeUrl(world, { ...atSpa, code_challenge: createPkce().challenge }), spaCallback);
    for (const each of await Promise.all([silently(), silently()])) expect(each.location).toContain('code=');
    const joined = await get();
    expect(joined).toMatchObject({ clients: [{ client_id: 'web' }, { client_id: 'spa' }], device: first.device });
    expect((await silently()).location).toContain('code=');
    expect(await get(), 'nothing is written for a sign-in that changes nothing').toEqual(joined);

    const again = await signInAs('travelling', person.agent);
    expect(again.sid).toBe(person.sid);
    const second = await get();
    expect(second).toMatchObject({
      created_at: first.created_at,
      clients: [{ client_id: 'web' }, { client_id: 'spa' }],
      device: { ...where, initial_user_agent: 'First/1', last_user_agent: headers['user-agent'].slice(0, 256) },
    });
    expect(String(second.authenticated_at) > String(first.authenticated_at)).toBe(true);
  });

  test('metadata of a session is replaced whole, outlives another sign-in and goes with null', async () => {
    const person = await signInAs('noted');
    const path = `/sessions/${person.sid}`;
    const patch = (session_metadata: unknown) => api.call('PATCH', path, { session_metadata });
    expect(await patch({ place: 'Turin', floor: '3' })).toMatchObject({
      status: 200,
      body: { id: person.sid, session_metadata: { place: 'Turin', floor: '3' } },
    });
    await patch({ place: 'Milan' });
    expect((await signInAs('noted', person.agent)).sid).toBe(person.sid);
    expect((await api.call('GET', path)).body).toMatchObject({ session_metadata: { place: 'Milan' } });
    const { body: stays } = await api.call('GET', `${person.path}/sessions`);
    expect(stays).toMatchObject({ sessions: [{ session_metadata: { place: 'Milan' } }] });
    expect(await patch(null)).toMatchObject({ status: 200, body: { session_metadata: {} } });
    expect((await api.call('PATCH', '/sessions/sid_none', { session_metadata: {} })).status).toBe(404);
    await api.call('DELETE', path);
    expect((await patch({})).status).toBe(404);
  });

  test.each([
    ['nothing', {}, 'Too few properties'],
    ['a number', { session_metadata: { a: 1 } }, 'Expected type string'],
    ['an object in it', { session_metadata: { a: { b: 'c' } } }, 'Expected type string'],
    ['a long value', { session_metadata: { a: 'x'.repeat(256) } }, 'String is too long'],
    ['a long name', { session_metadata: { ['x'.repeat(256)]: 'a' } }, 'Additional properties not allowed'],
    ['no name', { session_metadata: { '': 'a' } }, 'Additional properties not allowed'],
    [
      'more than 25',
      { session_metadata: Object.fromEntries(Array.from({ length: 26 }, (_, index) => [`k${index}`, 'v'])) },
      'Too many properties',
    ],
    ['another member', { session_metadata: {}, user_id: 'somebody' }, 'Additional properties not allowed: user_id'],
  ])('metadata of a session is not %s', async (_, body, message) => {
    const person = await signInAs('strict');
    const answer = await api.call('PATCH', `/sessions/${person.sid}`, body);
    expect(answer).toMatchObject({ status: 400, body: { errorCode: 'invalid_body' } });
    expect((answer.body as { message: string }).message).toContain(message);
  });

  test('a name that means something to JavaScript is a name like another', async () => {
    const person = await signInAs('poisoned');
    const body = '{"session_metadata":{"__proto__":"a","constructor":"b"}}';
    expect((await api.call('PATCH', `/sessions/${person.sid}`, body)).status).toBe(200);
    const { body: session } = await api.call('GET', `/sessions/${person.sid}`);
    expect(JSON.stringify((session as { session_metadata: unknown }).session_metadata)).toBe(
      '{"__proto__":"a","constructor":"b"}',
    );
  });
});
