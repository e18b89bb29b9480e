import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { UserId } from '../../src/core/ids.ts';
import { databases, useDatabase } from '../support/databases.ts';
import { redeem, signIn, startWorld, type World } from '../support/world.ts';

/*
 * The guide's Action, to the letter but for the host of the provider's API, and what an Action with and without the right
 * to a provider's token can do with it.
 */

const guide = readFileSync(new URL('../../src/actions/fixtures/guide-enrich.js', import.meta.url), 'utf8');

const postLogin = [{ id: 'post-login' as const }];

const leaking = `exports.onExecutePostLogin = async (event, api) => {
  const token = event.user.identities[0].access_token;
  api.idToken.setCustomClaim('saw', typeof token);
  api.idToken.setCustomClaim('leak', { deep: ['Bearer ' + token] });
  api.user.setUserMetadata('leak', token);
  api.user.setAppMetadata('leak', token);
  api.user.setAppMetadata('kept', true);
  api.session.setMetadata('leak', token);
  api.session.setMetadata(token.slice(0, 200), 'leak');
  api.refreshToken.setMetadata('leak', 'It is ' + token).refreshToken.setMetadata('kept', 'yes');
  if (event.request.query['ext-case'] === 'deny') api.access.deny('It is ' + token);
  if (event.request.query['ext-case'] === 'throw') throw new Error('It was ' + token);
  console.log(token);
};`;

describe.each(databases)('provider tokens in Actions on %s', (database) => {
  const server = useDatabase(database);
  const asked: { path: string | undefined; authorization: string | undefined }[] = [];
  let api: Server;
  let world: World;
  beforeAll(async () => {
    api = createServer((request, response) => {
      asked.push({ path: request.url, authorization: request.headers.authorization });
      response.setHeader('content-type', 'application/json');
      response.end('{"is_premium":true,"items":["One","Two"]}');
    });
    await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
    const origin = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
    world = await startWorld({
      databaseUrl: await server.url(),
      change: (seed) => {
        const [mapped] = seed.connections;
        if (mapped === undefined) throw new Error('the seed has it');
        seed.connections.push({ ...mapped, name: 'netflix-custom' });
        seed.actions.push(
          {
            name: 'guide',
            supported_triggers: postLogin,
            deploy: true,
            may_read_provider_tokens: true,
            code: guide.replace('https://provider.com', origin),
          },
          {
            name: 'without the right',
            supported_triggers: postLogin,
            deploy: true,
            code: `exports.onExecutePostLogin = async (event, api) => {
  api.idToken.setCustomClaim('without', JSON.stringify(event));
};`,
          },
          {
            name: 'leaking',
            supported_triggers: postLogin,
            deploy: true,
            may_read_provider_tokens: true,
            code: leaking,
          },
        );
      },
    });
  });
  afterAll(async () => {
    await world?.close();
    api?.closeAllConnections();
    api?.close();
  });

  test("the guide's Action runs unmodified: its request carries the token, its claim and metadata arrive", async () => {
    const { answer } = await signIn(world, { connection: 'netflix-custom' });
    const { body } = await redeem(world, answer.code);
    const claims = decodeJwt(String(body.id_token));
    expect(claims.has_premium).toBe(true);
    const user = await world.broker.store.users.find(claims.sub as UserId);
    expect(user?.userMetadata.watchlist).toEqual({ is_premium: true, items: ['One', 'Two'] });
    expect(asked).toEqual([{ path: '/api/v1/watchlist', authorization: expect.stringMatching(/^Bearer at-/) }]);
  });

  test('the token reaches no other Action, and neither claims, metadata nor log', async () => {
    const { answer } = await signIn(world, { connection: 'netflix-custom', scope: 'openid offline_access' });
    const token = String(asked.at(-1)?.authorization).slice('Bearer '.length);
    const { body } = await redeem(world, answer.code);
    const claims = decodeJwt(String(body.id_token));
    const { store, clock } = world.broker;
    const [session] = await store.sessions.listBySid(String(claims.sid), clock.now());
    expect(session?.metadata).toEqual({});
    const [refreshToken] = await store.refreshTokens.listByUser(claims.sub as UserId, clock.now());
    expect(refreshToken?.metadata).toEqual({ kept: 'yes' });
    expect(claims.saw).toBe('string');
    expect(claims.without).toContain('identities');
    expect(claims.leak).toEqual({ deep: [] });
    const user = await world.broker.store.users.find(claims.sub as UserId);
    expect(user?.appMetadata).toEqual({ kept: true });
    const events = await world.broker.store.logs.list(1_000);
    expect(JSON.stringify(events)).toContain('script.tokens_removed');
    expect(JSON.stringify([claims, user, events, world.broker.logs])).not.toContain(token);
  });

  test.each(['deny', 'throw'])('words that repeat the token are replaced by ours (%s)', async (how) => {
    const { answer } = await signIn(world, { connection: 'netflix-custom', 'ext-case': how });
    const token = String(asked.at(-1)?.authorization).slice('Bearer '.length);
    expect(answer.error).toBe('access_denied');
    expect(answer.error_description).toMatch(/see trace/);
    const events = await world.broker.store.logs.list(1_000);
    expect(JSON.stringify([answer, events, world.broker.logs])).not.toContain(token);
  });
});
