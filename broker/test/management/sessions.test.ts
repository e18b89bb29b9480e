import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAgent } from '../support/agent.ts';
import { databases, useDatabase } from '../support/databases.ts';
import { type Api, addAdmin, createApi } from '../support/management.ts';
import { authorizeUrl, callback, redeem, signIn, startWorld, type World } from '../support/world.ts';

const scopes = ['read:sessions', 'delete:sessions', 'read:refresh_tokens', 'delete:refresh_tokens'];

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

  async function signInAs(id: string) {
    world.provider.signInAs({ id, email: `${id}@example.com` });
    const agent = createAgent();
    const { answer } = await signIn(world, { scope: 'openid offline_access' }, agent);
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
});
