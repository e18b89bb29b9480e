import { describe, expect, test } from 'vitest';
import type { UserId } from '../../src/core/ids.ts';
import type { LogEvent } from '../../src/core/log-event.ts';
import { addPerson, obtainTokens, refresh, refreshed, spa, web } from '../support/applications.ts';
import { databases, useWorld } from '../support/databases.ts';
import { audience, machineSecret, postToken, signIn, webSecret } from '../support/world.ts';

const scope = 'openid profile offline_access read:shows';
const forItself = { grant_type: 'client_credentials', client_id: 'machine', client_secret: machineSecret, audience };

describe.each(databases)("the tenant's log on %s", (database) => {
  const getWorld = useWorld({}, database);

  /** What the log has since, oldest first. */
  async function during(action: () => Promise<unknown>): Promise<readonly LogEvent[]> {
    const { logs } = getWorld().broker.store;
    const [last] = await logs.list(1);
    await action();
    return logs.listAfter(last?.id, 1_000);
  }
  const typesOf = (events: readonly LogEvent[]) => events.map(({ type }) => type);

  test('a first sign-in is a sign-up, a sign-in and an exchange; the next one no sign-up', async () => {
    const world = getWorld();
    const person = addPerson(world, { email: 'ada@example.com' });
    const comeIn = () => obtainTokens(world, web, { scope, audience, login_hint: person.id });
    const events = await during(comeIn);
    expect(typesOf(events)).toEqual(['ss', 's', 'seacft']);
    const whose = { clientId: 'web', userId: `oauth2|mapped|${person.id}`, userName: 'ada@example.com' };
    const connectionId = events[1]?.connectionId;
    for (const event of events) expect(event).toMatchObject({ ...whose, connectionId, ip: expect.any(String) });
    expect(connectionId).toMatch(/^con_/);
    expect(events[2]).toMatchObject({
      description: 'Authorization Code for Access Token',
      details: { audience, scope },
    });
    expect(typesOf(await during(comeIn))).toEqual(['s', 'seacft']);
  });

  test('a sign-in says how long it took, by what, and the how manieth it is', async () => {
    const world = getWorld();
    const person = addPerson(world);
    const comeIn = () => obtainTokens(world, web, { scope, login_hint: person.id });
    await comeIn();
    const [event] = await during(comeIn);
    const { initiatedAt, completedAt, elapsedTime, session_id: sid, prompts, stats } = event?.details ?? {};
    expect(Number(completedAt) - Number(initiatedAt)).toBe(elapsedTime);
    expect(Number(completedAt)).toBe(event?.at.getTime());
    expect(stats).toEqual({ loginsCount: 2 });
    expect(sid).toMatch(/^sid_/);
    expect(prompts).toEqual([
      {
        name: 'federated-authenticate',
        initiatedAt,
        completedAt,
        elapsedTime,
        connection: 'mapped',
        connection_id: event?.connectionId,
        strategy: 'oauth2',
        identity: person.id,
        stats,
      },
    ]);
  });

  test('a sign-in of somebody who is blocked says who it was, and how long it took', async () => {
    const world = getWorld();
    const person = addPerson(world);
    await obtainTokens(world, web, { scope, login_hint: person.id });
    const { store } = world.broker;
    const userId = `oauth2|mapped|${person.id}` as UserId;
    const user = await store.users.find(userId);
    if (user === undefined) throw new Error('no user');
    await store.write(store.users.update({ ...user, isBlocked: true }, user));
    const [event, ...more] = await during(() => signIn(world, { login_hint: person.id }));
    expect(more).toEqual([]);
    expect(event).toMatchObject({ type: 'f', userId, userName: person.email, description: 'user is blocked' });
    const { initiatedAt, completedAt, elapsedTime } = event?.details ?? {};
    expect(Number(completedAt) - Number(initiatedAt)).toBe(elapsedTime);
    expect(typeof elapsedTime).toBe('number');
  });

  test('a refresh token that is exchanged leaves a line; one that comes twice only its own; one that is none a failure', async () => {
    const world = getWorld();
    const person = addPerson(world);
    const tokens = await obtainTokens(world, spa, { scope, audience, login_hint: person.id });
    const [exchanged, ...more] = await during(() => refreshed(world, spa, tokens.refresh_token));
    expect(more).toEqual([]);
    expect(exchanged).toMatchObject({
      type: 'sertft',
      clientId: 'spa',
      userId: `oauth2|mapped|${person.id}`,
      description: 'Refresh Token for Access Token',
      details: { audience, scope },
    });
    expect(typesOf(await during(() => refresh(world, spa, tokens.refresh_token)))).toEqual(['ferrt']);
    expect(await during(() => refresh(world, spa, 'v1.nothing'))).toMatchObject([
      {
        type: 'fertft',
        clientId: 'spa',
        userId: undefined,
        description: 'Unknown or invalid refresh token.',
        details: { error: 'invalid_grant', detail: 'refresh token: unknown' },
      },
    ]);
  });

  test('an application that gets a token for itself leaves a line, one that gets none a failure', async () => {
    const world = getWorld();
    expect(await during(() => postToken(world, forItself))).toMatchObject([
      {
        type: 'seccft',
        clientId: 'machine',
        userId: undefined,
        connectionId: undefined,
        description: 'Client Credentials for Access Token',
        details: { audience, scope: 'read:shows' },
      },
    ]);
    expect(await during(() => postToken(world, { ...forItself, scope: 'write:shows' }))).toMatchObject([
      { type: 'feccft', clientId: 'machine', details: { error: 'access_denied' } },
    ]);
  });

  test('a proof that fails names an application that there is, and repeats nothing that was sent', async () => {
    const world = getWorld();
    const secret = 'not-the-secret-of-anybody';
    const wrong = await during(() => postToken(world, { ...forItself, client_secret: secret }));
    expect(wrong).toMatchObject([{ type: 'feccft', clientId: 'machine', details: { detail: 'wrong secret' } }]);
    const unknown = await during(() => postToken(world, { ...forItself, client_id: secret, client_secret: secret }));
    expect(unknown).toMatchObject([{ type: 'feccft', clientId: undefined }]);
    expect(JSON.stringify(wrong)).not.toContain(secret);
    expect(unknown[0]?.clientId).toBeUndefined();
  });

  test('a code that fits nothing is a failure', async () => {
    const code = { grant_type: 'authorization_code', client_id: 'web', client_secret: webSecret, code: 'ac_none' };
    expect(await during(() => postToken(getWorld(), code))).toMatchObject([
      {
        type: 'feacft',
        clientId: 'web',
        description: 'Invalid authorization code',
        details: { detail: 'unknown code' },
      },
    ]);
  });

  test('no token, code or secret of anybody is in it', async () => {
    const world = getWorld();
    const person = addPerson(world);
    const tokens = await obtainTokens(world, spa, { scope, audience, login_hint: person.id });
    const next = await refreshed(world, spa, tokens.refresh_token);
    const { body } = await postToken(world, forItself);
    const text = JSON.stringify(await world.broker.store.logs.list(1_000));
    expect(text).toContain(person.id);
    const given = [tokens.access_token, tokens.refresh_token, tokens.id_token, next.refresh_token, body.access_token];
    for (const secret of [...given, machineSecret, webSecret]) expect(text).not.toContain(String(secret).slice(-24));
  });
});

describe('with PORTICO_LOG_TOKENS=failed', () => {
  const getWorld = useWorld({ environment: { PORTICO_LOG_TOKENS: 'failed' } });

  test('tokens that are issued leave no line, and refused ones do', async () => {
    const world = getWorld();
    await postToken(world, forItself);
    await postToken(world, { ...forItself, audience: 'urn:none' });
    expect((await world.broker.store.logs.list(10)).map(({ type }) => type)).toEqual(['feccft']);
  });
});
