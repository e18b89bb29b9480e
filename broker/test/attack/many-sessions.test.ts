import { beforeAll, describe, expect, test } from 'vitest';
import type { ClientId, HandleHash, UserId } from '../../src/core/ids.ts';
import { type Application, addPerson, obtainTokens, refresh, spa, web } from '../support/applications.ts';
import { databases, useWorld } from '../support/databases.ts';
import { type Api, addAdmin, createApi } from '../support/management.ts';
import { authorizeUrl, callback } from '../support/world.ts';

/*
 * Somebody who got into an account signs in so often that theirs is not among the first thousand sessions or refresh tokens.
 * Whoever then ends them all has ended that one, too.
 */

const many = 1_001;

describe.each(databases)('more sessions and refresh tokens than a list shows, on %s', (database) => {
  const getWorld = useWorld(
    { change: (seed, issuerUrl) => addAdmin(seed, issuerUrl, ['delete:sessions', 'delete:refresh_tokens']) },
    database,
  );
  let api: Api;
  beforeAll(async () => {
    api = await createApi(getWorld());
  });

  /** One that works, behind many that were there before. */
  async function intrude(application: Application) {
    const { id } = addPerson(getWorld());
    const { store } = getWorld().broker;
    const tokens = await obtainTokens(getWorld(), application, { login_hint: id, scope: 'openid offline_access' });
    const userId = `oauth2|mapped|${id}` as UserId;
    const now = new Date();
    const [session] = await store.sessions.listByUser(userId, now);
    const [token] = await store.refreshTokens.listByUser(userId, now);
    if (session === undefined || token === undefined) throw new Error('the person is signed in');
    const before = new Date(session.authenticatedAt.getTime() - 60_000);
    await store.writeAll(
      Array.from({ length: many }, (_, index) => index).flatMap((index) => {
        const handleHash = `${id} session ${index}` as HandleHash;
        const tokenHash = `${id} token ${index}` as HandleHash;
        // Of one application only so many stay.
        const clientId = `client-${index % 10}` as ClientId;
        return [
          store.sessions.create({ ...session, handleHash, sid: `${id}-${index}`, authenticatedAt: before }),
          store.refreshTokens.create({ ...token, tokenHash, id: `${id}-${index}`, clientId, createdAt: before }),
        ];
      }),
    );
    return {
      path: `/users/${encodeURIComponent(userId)}`,
      userId,
      isSignedIn: async () => {
        const { location } = await tokens.agent.follow(authorizeUrl(getWorld(), { prompt: 'none' }), callback);
        return location?.includes('code=') === true;
      },
      isRefreshed: async () => (await refresh(getWorld(), application, tokens.refresh_token)).status === 200,
    };
  }

  test('DELETE of all sessions, and of all refresh tokens', async () => {
    const intruder = await intrude(web);
    expect([await intruder.isSignedIn(), await intruder.isRefreshed()]).toEqual([true, true]);
    expect((await api.call('DELETE', `${intruder.path}/sessions`)).status).toBe(202);
    expect(await intruder.isSignedIn()).toBe(false);
    expect((await api.call('DELETE', `${intruder.path}/refresh-tokens`)).status).toBe(202);
    expect(await intruder.isRefreshed()).toBe(false);
  });

  test('revoke-access', async () => {
    const intruder = await intrude(web);
    expect((await api.call('POST', `${intruder.path}/revoke-access`, {})).status).toBe(202);
    expect([await intruder.isSignedIn(), await intruder.isRefreshed()]).toEqual([false, false]);
  });

  test('revocation of the refresh tokens of one application', async () => {
    const intruder = await intrude(spa);
    const body = { user_id: intruder.userId, client_id: 'spa' };
    expect((await api.call('POST', '/refresh-tokens/revoke', body)).status).toBe(202);
    expect(await intruder.isRefreshed()).toBe(false);
  });
});
