import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashHandle } from '../../src/core/hash.ts';
import type { HandleHash, UpstreamUserId } from '../../src/core/ids.ts';
import { createAgent } from '../support/agent.ts';
import { startPostgres } from '../support/postgres.ts';
import { answerParameters, audience, redeem, signIn, startWorld, type World } from '../support/world.ts';
import { beginSignIn, eventsSince, expectPage, times } from './refusal.ts';

/* What may happen once happens once, however many ask at the same moment: on both databases. */

const databases = ['sqlite', 'postgres'] as const;
const parallel = 50;

describe.each(databases)('on %s', (database) => {
  let world: World;
  let postgres: Awaited<ReturnType<typeof startPostgres>> | undefined;
  beforeAll(async () => {
    postgres = database === 'postgres' ? await startPostgres() : undefined;
    world = await startWorld({ databaseUrl: await postgres?.url() });
  }, 60_000);
  afterAll(async () => {
    await world.close();
    await postgres?.stop();
  });

  test('UP-04 a callback that is submitted 50 times in parallel makes one token request, one session and one code', async () => {
    const { agent, callbackUrl } = await beginSignIn(world);
    const tokenRequests = world.provider.counts.token;
    const cookies = [...agent.cookies];
    const events = await eventsSince(world, async () => {
      // Each with the cookies of the browser that began, none with those of another answer.
      const answers = await Promise.all(times(parallel, () => createAgent(new Map(cookies)).get(callbackUrl)));
      const winners = answers.filter(({ status }) => status === 302);
      expect(winners.map((answer) => answerParameters(answer).code)).toEqual([expect.stringMatching(/^ac_/)]);
      const losers = answers.filter((answer) => !winners.includes(answer));
      for (const loser of losers) await expectPage(world, loser);
      expect(losers).toHaveLength(parallel - 1);
    });
    expect(world.provider.counts.token - tokenRequests).toBe(1);
    expect(events.filter(({ type }) => type === 's')).toHaveLength(1);
    expect(events.filter(({ type }) => type === 'f')).toHaveLength(parallel - 1);
  });

  test('DN-05 a code that is redeemed 50 times in parallel gives tokens once, and the others revoke them', async () => {
    const { answer } = await signIn(world, { scope: 'openid offline_access', audience });
    const answers = await Promise.all(times(parallel, () => redeem(world, answer.code)));
    const winners = answers.filter(({ status }) => status === 200);
    expect(winners).toHaveLength(1);
    for (const loser of answers.filter(({ status }) => status !== 200)) {
      expect(loser.status).toBe(403);
      expect(loser.body).toEqual({ error: 'invalid_grant', error_description: 'Invalid authorization code' });
    }
    await expectRevoked(world, winners[0]?.body ?? {});
  });

  test('AC-17 50 first sign-ins of one person in parallel make one user, one identity and 50 sessions', async () => {
    world.provider.signInAs({ id: `new-on-${database}`, email: 'new@example.com' });
    const begun = await Promise.all(times(parallel, () => beginSignIn(world)));
    const users = await world.broker.store.users.count();
    const answers = await Promise.all(begun.map(({ agent, callbackUrl }) => agent.get(callbackUrl)));
    for (const answer of answers) expect(answerParameters(answer).code).toMatch(/^ac_/);
    expect(await world.broker.store.users.count()).toBe(users + 1);

    const connection = (await world.broker.store.connections.list()).find(({ name }) => name === 'mapped');
    if (connection === undefined) throw new Error('no connection');
    const user = await world.broker.store.users.findByIdentity(connection.id, `new-on-${database}` as UpstreamUserId);
    expect(user).toMatchObject({ id: `oauth2|mapped|new-on-${database}`, loginsCount: parallel });
    const handles = begun.map(({ agent }) => agent.cookies.get('auth0') ?? '');
    expect(new Set(handles).size).toBe(parallel);
    for (const handle of handles) {
      const session = await world.broker.store.sessions.find(hashHandle(handle) as HandleHash);
      expect(session?.userId).toBe(user?.id);
    }
  });

  test('AC-04 ids that differ in case or in a space are different people', async () => {
    const ids = ['Abc', 'abc', 'ABC', 'abc ', ' abc', 'ábc', 'a\u0301bc', 'abc\u00a0', 'ａｂｃ', 'ß', 'ss', 'ı', 'i'];
    const users = await world.broker.store.users.count();
    const subjects: string[] = [];
    for (const id of [...ids, ...ids]) {
      world.provider.signInAs({ id });
      const { answer } = await signIn(world);
      const { body } = await redeem(world, answer.code);
      subjects.push(subjectOf(String(body.id_token)));
    }
    const expected = ids.map((id) => `oauth2|mapped|${id}`);
    expect(subjects).toEqual([...expected, ...expected]);
    expect(await world.broker.store.users.count()).toBe(users + ids.length);
  });

  test('DN-26 a state and a nonce of any length and any letters come back unchanged', async () => {
    world.provider.signInAs({ id: 'user-1' });
    const values = ['s'.repeat(1000), 'ünïcödé 漢字', '🎬', '"><script>alert(1)</script>', '\\u0000 %00 +&=#'];
    for (const value of values) {
      const nonce = value.repeat(8);
      const { answer } = await signIn(world, { state: value, nonce });
      expect(answer.state).toBe(value);
      const { status, body } = await redeem(world, answer.code);
      expect(status, JSON.stringify(body)).toBe(200);
      expect(claimsOf(String(body.id_token)).nonce).toBe(nonce);
    }
    const withNul = await signIn(world, { state: 'with\u0000nul' });
    expect(withNul.answer).toMatchObject({ code: expect.stringMatching(/^ac_/), state: 'with\u0000nul' });
    const long = 'n'.repeat(4096);
    const { answer } = await signIn(world, { nonce: long });
    expect(claimsOf(String((await redeem(world, answer.code)).body.id_token)).nonce).toBe(long);
  });

  test('DN-26 a nonce that no database keeps as it is is refused before anybody signs in', async () => {
    const authorizations = world.provider.counts.authorize;
    const { answer } = await signIn(world, { nonce: 'with\u0000nul' });
    expect(answer).toMatchObject({ error: 'invalid_request', state: 'app-state' });
    expect(world.provider.counts.authorize).toBe(authorizations);
  });
});

const claimsOf = (jwt: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString('utf8'));
const subjectOf = (jwt: string): string => String(claimsOf(jwt).sub);

/** Neither the refresh token nor the access token of this answer is good for anything. */
async function expectRevoked(world: World, body: Record<string, unknown>): Promise<void> {
  const refreshed = await redeem(world, undefined, {
    grant_type: 'refresh_token',
    redirect_uri: undefined,
    refresh_token: String(body.refresh_token),
  });
  expect(refreshed).toMatchObject({ status: 403, body: { error: 'invalid_grant' } });
  const userinfo = await fetch(world.broker.url('userinfo'), {
    headers: { authorization: `Bearer ${body.access_token}` },
  });
  expect(userinfo.status).toBe(401);
}
