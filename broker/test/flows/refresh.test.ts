import { decodeJwt } from 'jose';
import { describe, expect, test } from 'vitest';
import type { UserId } from '../../src/core/ids.ts';
import { addPerson, obtainTokens, readUserinfo, refresh, refreshed, spa, web } from '../support/applications.ts';
import { databases, useWorld } from '../support/databases.ts';
import { audience, type WorldOptions } from '../support/world.ts';

const offline = 'openid profile email offline_access';
const refused = { error: 'invalid_grant', error_description: 'Unknown or invalid refresh token.' };
const lifetimes = { idle_token_lifetime: 100, token_lifetime: 250 };

/** Beside the seed's own: both kinds of client with short lives, and one that may not refresh. */
const change: WorldOptions['change'] = (seed) => {
  const [first] = seed.clients;
  const [connection] = seed.connections;
  if (first === undefined || connection === undefined) throw new Error('the seed has both');
  seed.clients.push(
    {
      ...first,
      client_id: 'short-rotating',
      refresh_token: { rotation_type: 'rotating', expiration_type: 'expiring', ...lifetimes },
    },
    {
      ...first,
      client_id: 'short-fixed',
      refresh_token: { rotation_type: 'non-rotating', expiration_type: 'expiring', ...lifetimes },
    },
    {
      ...first,
      client_id: 'lenient',
      refresh_token: { rotation_type: 'rotating', expiration_type: 'expiring', leeway: 30 },
    },
    { ...first, client_id: 'online-only', grant_types: ['authorization_code', 'implicit'] },
    { ...first, client_id: 'spa-fixed', app_type: 'spa', token_endpoint_auth_method: 'none' },
  );
  seed.resource_servers.push({ identifier: 'urn:online', scopes: [{ value: 'read:shows' }] });
  connection.enabled_clients?.push('short-rotating', 'short-fixed', 'lenient', 'online-only', 'spa-fixed');
};

describe.each(databases)('refresh tokens on %s', (database) => {
  const getWorld = useWorld({ change }, database);

  const signInSomebody = async (application = spa, more: Record<string, string> = {}) => {
    const world = getWorld();
    const person = addPerson(world);
    const tokens = await obtainTokens(world, application, { scope: offline, login_hint: person.id, ...more });
    return { world, person, tokens, userId: `oauth2|mapped|${person.id}` as UserId };
  };

  test('a non-rotating exchange returns the same refresh token with new tokens for the same person', async () => {
    const { world, tokens, userId } = await signInSomebody(web, { audience });
    const first = await refreshed(world, web, tokens.refresh_token);
    const second = await refreshed(world, web, tokens.refresh_token);
    expect([first.refresh_token, second.refresh_token]).toEqual([tokens.refresh_token, tokens.refresh_token]);
    expect(first).toMatchObject({ token_type: 'Bearer', expires_in: 86_400, scope: offline });
    const before = decodeJwt(tokens.id_token ?? '');
    const after = decodeJwt(first.id_token ?? '');
    expect(after).toMatchObject({ iss: before.iss, sub: userId, aud: 'web', sid: before.sid, email: before.email });
    expect(after.nonce).toBeUndefined();
    expect(decodeJwt(first.access_token)).toMatchObject({ sub: userId, azp: 'web', gty: 'refresh_token' });
    expect(decodeJwt(tokens.access_token).gty).toBeUndefined();
  });

  test('a rotating exchange returns a new refresh token, and that one works', async () => {
    const { world, tokens } = await signInSomebody();
    const first = await refreshed(world, spa, tokens.refresh_token);
    const second = await refreshed(world, spa, first.refresh_token);
    expect(new Set([tokens.refresh_token, first.refresh_token, second.refresh_token]).size).toBe(3);
    expect(second).toMatchObject({ id_token: expect.any(String), scope: offline });
  });

  test.each([
    ['opaque', {}],
    ['JWT', { audience }],
  ])(
    'a rotated token that comes again ends its family, and its %s access tokens at /userinfo (RFC 9700 §4.14.2)',
    async (_, more) => {
      const { world, tokens } = await signInSomebody(spa, more);
      const bystander = await signInSomebody(spa, more);
      const first = await refreshed(world, spa, tokens.refresh_token);
      expect((await readUserinfo(world, first.access_token)).status).toBe(200);

      expect(await refresh(world, spa, tokens.refresh_token)).toMatchObject({ status: 403, body: refused });
      expect(await refresh(world, spa, first.refresh_token)).toMatchObject({ status: 403, body: refused });
      for (const { access_token: accessToken } of [tokens, first]) {
        expect((await readUserinfo(world, accessToken)).status).toBe(401);
      }
      expect((await readUserinfo(world, bystander.tokens.access_token)).status).toBe(200);
      await refreshed(world, spa, bystander.tokens.refresh_token);
    },
  );

  test('DN-16 of 20 parallel exchanges of one rotating token one succeeds, and the family is dead afterwards', async () => {
    const { world, tokens } = await signInSomebody();
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(world, spa, tokens.refresh_token)));
    const [winner, ...others] = answers.filter(({ status }) => status === 200);
    expect(others).toEqual([]);
    expect(answers.filter(({ status }) => status === 403).map(({ body }) => body)).toEqual(Array(19).fill(refused));
    expect(await refresh(world, spa, String(winner?.body.refresh_token))).toMatchObject({ status: 403, body: refused });
    expect((await readUserinfo(world, String(winner?.body.access_token))).status).toBe(401);
  });

  test('20 parallel exchanges of a non-rotating token all succeed', async () => {
    const { world, tokens } = await signInSomebody(web);
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(world, web, tokens.refresh_token)));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
  });

  test('within its leeway the previous token passes again, until its successor was used', async () => {
    const lenient = { ...web, clientId: 'lenient' };
    const { world, tokens } = await signInSomebody(lenient);
    await refreshed(world, lenient, tokens.refresh_token);
    const again = await refreshed(world, lenient, tokens.refresh_token);
    const next = await refreshed(world, lenient, again.refresh_token);
    expect((await refresh(world, lenient, tokens.refresh_token)).status).toBe(403);
    expect((await refresh(world, lenient, next.refresh_token)).status).toBe(403);
  });

  test('after its leeway the previous token ends the family', async () => {
    const lenient = { ...web, clientId: 'lenient' };
    const { world, tokens } = await signInSomebody(lenient);
    const first = await refreshed(world, lenient, tokens.refresh_token);
    world.broker.clock.advance(31);
    expect((await refresh(world, lenient, tokens.refresh_token)).status).toBe(403);
    expect((await refresh(world, lenient, first.refresh_token)).status).toBe(403);
  });

  test.each(['short-rotating', 'short-fixed'])(
    'idle expiry moves with each exchange, absolute expiry never (%s)',
    async (clientId) => {
      const application = { ...web, clientId };
      const { world, tokens } = await signInSomebody(application);
      world.broker.clock.advance(90);
      const first = await refreshed(world, application, tokens.refresh_token);
      world.broker.clock.advance(90);
      const second = await refreshed(world, application, first.refresh_token);
      world.broker.clock.advance(71);
      expect(await refresh(world, application, second.refresh_token)).toMatchObject({ status: 403, body: refused });

      const idle = await signInSomebody(application);
      world.broker.clock.advance(101);
      expect(await refresh(world, application, idle.tokens.refresh_token)).toMatchObject({
        status: 403,
        body: refused,
      });
    },
  );

  test('offline_access needs a code, the refresh_token grant and an API that allows it', async () => {
    const world = getWorld();
    const onlineOnly = { ...web, clientId: 'online-only' };
    const spaFixed = { ...web, clientId: 'spa-fixed', secret: undefined };
    const cases = [
      obtainTokens(world, onlineOnly, { scope: offline }),
      obtainTokens(world, web, { scope: offline, audience: 'urn:online' }),
      // Auth0: a single-page application gets one only if it rotates.
      obtainTokens(world, spaFixed, { scope: offline }),
    ];
    for (const tokens of await Promise.all(cases)) {
      expect(tokens.refresh_token).toBeUndefined();
      expect(tokens.scope).toBe('openid profile email');
    }
    const allowed = await obtainTokens(world, web, { scope: 'openid offline_access', audience });
    expect(allowed).toMatchObject({ refresh_token: expect.any(String), scope: 'openid offline_access' });
    const unasked = await obtainTokens(world, web, { scope: 'openid', audience });
    expect(unasked.refresh_token).toBeUndefined();
  });

  test('a narrower scope holds for one exchange, and nothing is ever added', async () => {
    const { world, tokens, userId } = await signInSomebody(web);
    const narrow = await refreshed(world, web, tokens.refresh_token, { scope: 'openid' });
    expect(narrow.scope).toBe('openid');
    expect(JSON.parse((await readUserinfo(world, narrow.access_token)).text)).toEqual({ sub: userId });
    const wider = await refreshed(world, web, tokens.refresh_token, { scope: 'openid email user_metadata admin' });
    expect(wider.scope).toBe('openid email');
    expect((await refreshed(world, web, tokens.refresh_token)).scope).toBe(offline);
  });

  test('a parameter without a value counts as not sent (RFC 6749 §3.2)', async () => {
    const { world, tokens } = await signInSomebody();
    const empty = { scope: '', audience: '', client_secret: '' };
    expect((await refreshed(world, spa, tokens.refresh_token, empty)).scope).toBe(offline);
    expect(await refresh(world, spa, '')).toMatchObject({
      status: 400,
      body: { error: 'invalid_request', error_description: 'Missing required parameter: refresh_token' },
    });
  });

  test("another client's attempt fails and costs the owner nothing", async () => {
    const { world, tokens } = await signInSomebody();
    expect(await refresh(world, web, tokens.refresh_token)).toMatchObject({ status: 403, body: refused });
    await refreshed(world, spa, tokens.refresh_token);
  });

  test('another audience is refused and costs nothing', async () => {
    const { world, tokens } = await signInSomebody(spa, { audience });
    const other = await refresh(world, spa, tokens.refresh_token, { audience: 'urn:online' });
    expect(other).toMatchObject({ status: 403, body: refused });
    await refreshed(world, spa, tokens.refresh_token, { audience });
  });

  test('a blocked person gets nothing until unblocked; a deleted one never', async () => {
    const { world, tokens, userId } = await signInSomebody();
    const { store, clock } = world.broker;
    await store.write(store.users.setBlocked(userId, true, clock.now()));
    expect(await refresh(world, spa, tokens.refresh_token)).toMatchObject({
      status: 403,
      body: { error: 'unauthorized', error_description: 'user is blocked' },
    });
    await store.write(store.users.setBlocked(userId, false, clock.now()));
    const after = await refreshed(world, spa, tokens.refresh_token);
    await store.write(store.users.delete(userId));
    expect(await refresh(world, spa, after.refresh_token)).toMatchObject({
      status: 403,
      body: {
        error: 'invalid_grant',
        error_description: "The refresh_token was generated for a user who doesn't exist anymore.",
      },
    });
    expect(await refresh(world, web, after.refresh_token)).toMatchObject({ status: 403, body: refused });
  });
});
