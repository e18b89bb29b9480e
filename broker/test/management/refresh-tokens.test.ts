import { beforeAll, describe, expect, test } from 'vitest';
import { type Application, addPerson, obtainTokens, refresh, refreshed, spa, web } from '../support/applications.ts';
import { databases, useWorld } from '../support/databases.ts';
import { type Api, addAdmin, createApi } from '../support/management.ts';
import { audience, postToken } from '../support/world.ts';

type Wire = { readonly id: string; readonly client_id: string } & Readonly<Record<string, unknown>>;
type Page = { readonly refresh_tokens: readonly Wire[]; readonly next?: string };

describe.each(databases)('refresh tokens through /api/v2 on %s', (database) => {
  const getWorld = useWorld(
    {
      change: (seed, issuerUrl) =>
        addAdmin(
          seed,
          issuerUrl,
          ['read', 'update', 'delete'].map((verb) => `${verb}:refresh_tokens`),
        ),
    },
    database,
  );
  let api: Api;
  beforeAll(async () => {
    api = await createApi(getWorld());
  });

  function arrive() {
    const { id } = addPerson(getWorld());
    const userId = `oauth2|mapped|${id}`;
    const obtain = async (application: Application, parameters: Readonly<Record<string, string>> = {}) => {
      const scope = 'openid offline_access';
      const { refresh_token: token } = await obtainTokens(getWorld(), application, {
        login_hint: id,
        scope,
        ...parameters,
      });
      return String(token);
    };
    const list = async (query = '') => {
      const answer = await api.call('GET', `/refresh-tokens?user_id=${encodeURIComponent(userId)}${query}`);
      expect(answer.status, JSON.stringify(answer.body)).toBe(200);
      return answer.body as Page;
    };
    return { userId, obtain, list };
  }
  const statusOf = async (application: Application, token: string) =>
    (await refresh(getWorld(), application, token)).status;

  test('a token says what it is for, where it was asked for, and where and when it was last exchanged', async () => {
    const person = arrive();
    const token = await person.obtain(web, { audience, scope: 'openid read:shows offline_access' });
    const [before] = (await person.list()).refresh_tokens;
    expect(before).toMatchObject({
      user_id: person.userId,
      client_id: 'web',
      rotating: false,
      last_exchanged_at: null,
      resource_servers: [{ audience, scopes: 'openid read:shows offline_access' }],
      device: { initial_ip: '127.0.0.1', last_ip: '127.0.0.1' },
      refresh_token_metadata: {},
    });
    const form = { grant_type: 'refresh_token', client_id: 'web', client_secret: web.secret, refresh_token: token };
    expect((await postToken(getWorld(), form, { 'user-agent': 'Server/2' })).status).toBe(200);
    const [after] = (await person.list()).refresh_tokens;
    expect(after).toMatchObject({
      id: before?.id,
      created_at: before?.created_at,
      last_exchanged_at: expect.any(String),
      device: { initial_ip: '127.0.0.1', last_ip: '127.0.0.1', last_user_agent: 'Server/2' },
    });
    expect(after?.device).not.toHaveProperty('initial_user_agent');
    expect(JSON.stringify(after)).not.toContain(token);
  });

  test('what is known of a token that rotates goes over to the next one', async () => {
    const person = arrive();
    const first = await person.obtain(spa);
    const [before] = (await person.list()).refresh_tokens;
    const metadata = { place: 'Turin' };
    const path = `/refresh-tokens/${before?.id}`;
    expect(await api.call('PATCH', path, { refresh_token_metadata: metadata })).toMatchObject({
      status: 200,
      body: { id: before?.id, refresh_token_metadata: metadata },
    });
    const form = { grant_type: 'refresh_token', client_id: 'spa', refresh_token: first };
    const { body } = await postToken(getWorld(), form, { 'user-agent': 'Browser/2' });
    const { refresh_tokens: after } = await person.list();
    expect(after).toMatchObject([
      {
        rotating: true,
        session_id: before?.session_id,
        last_exchanged_at: expect.any(String),
        device: { initial_ip: '127.0.0.1', last_user_agent: 'Browser/2' },
        refresh_token_metadata: metadata,
      },
    ]);
    expect(await api.call('PATCH', path, { refresh_token_metadata: null })).toMatchObject({
      status: 404,
      body: { errorCode: 'inexistent_refresh_token' },
    });
    const next = `/refresh-tokens/${after[0]?.id}`;
    expect((await api.call('PATCH', next, { refresh_token_metadata: null })).body).toMatchObject({
      refresh_token_metadata: {},
    });
    expect(await statusOf(spa, String(body.refresh_token))).toBe(200);
  });

  test('metadata that is too much is refused, and so is what is not metadata', async () => {
    const person = arrive();
    await person.obtain(web);
    const [token] = (await person.list()).refresh_tokens;
    for (const body of [
      {},
      { refresh_token_metadata: { a: 1 } },
      { refresh_token_metadata: { a: 'x'.repeat(256) } },
      { refresh_token_metadata: {}, client_id: 'spa' },
    ]) {
      expect((await api.call('PATCH', `/refresh-tokens/${token?.id}`, body)).status, JSON.stringify(body)).toBe(400);
    }
  });

  test('the tokens of a person are listed page by page, also while they come and go', async () => {
    const person = arrive();
    for (const application of [web, spa, web, web]) await person.obtain(application);
    expect((await person.list('&client_id=spa')).refresh_tokens).toMatchObject([{ client_id: 'spa' }]);
    const whole = (await person.list()).refresh_tokens;
    const ids = whole.map(({ id }) => id);
    expect(ids).toEqual([...ids].sort());
    const first = await person.list('&take=2&fields=id,client_id');
    expect(first.refresh_tokens).toEqual(whole.slice(0, 2).map(({ id, client_id }) => ({ id, client_id })));
    expect((await api.call('DELETE', `/refresh-tokens/${ids[1]}`)).status).toBe(202);
    const rest = await person.list(`&take=2&from=${first.next}`);
    expect(rest).toEqual({ refresh_tokens: whole.slice(2) });

    expect((await api.call('GET', '/refresh-tokens')).status, 'of nobody').toBe(400);
    expect((await api.call('GET', '/refresh-tokens?user_id=oauth2|mapped|nobody')).status).toBe(404);
  });

  test('tokens are revoked by their ids', async () => {
    const [person, other] = [arrive(), arrive()];
    const tokens = [await person.obtain(web), await person.obtain(web), await other.obtain(web)] as const;
    const mine = (await person.list()).refresh_tokens.map(({ id }) => id);
    const revoked = await api.call('POST', '/refresh-tokens/revoke', { ids: [...mine, 'rt_none'] });
    expect(revoked).toMatchObject({ status: 202, body: {} });
    expect([await statusOf(web, tokens[0]), await statusOf(web, tokens[1])]).toEqual([403, 403]);
    expect(await statusOf(web, tokens[2])).toBe(200);
  });

  test('tokens of a person are revoked, of one application, or of one of its APIs', async () => {
    const [person, other] = [arrive(), arrive()];
    const plain = await person.obtain(web);
    const forApi = await person.obtain(web, { audience });
    const ofSpa = await person.obtain(spa);
    const ofOther = await other.obtain(web, { audience });
    const revoke = (body: object) => api.call('POST', '/refresh-tokens/revoke', body);
    const owner = { user_id: person.userId };

    expect((await revoke({ ...owner, client_id: 'web', audience })).status).toBe(202);
    expect([await statusOf(web, forApi), await statusOf(web, plain)]).toEqual([403, 200]);
    expect((await revoke({ ...owner, client_id: 'web' })).status).toBe(202);
    expect(await statusOf(web, plain)).toBe(403);
    const next = await refreshed(getWorld(), spa, ofSpa);
    expect((await revoke(owner)).status).toBe(202);
    expect(await statusOf(spa, String(next.refresh_token))).toBe(403);
    expect(await statusOf(web, ofOther)).toBe(200);

    for (const vague of [{}, { client_id: 'web' }, { audience }, { ...owner, audience }, { ...owner, ids: ['rt_1'] }]) {
      expect(await revoke(vague), JSON.stringify(vague)).toMatchObject({
        status: 400,
        body: { errorCode: 'invalid_body' },
      });
    }
    expect((await revoke({ ids: [] })).status).toBe(400);
    expect((await revoke({ ids: Array.from({ length: 101 }, (_, index) => `rt_${index}`) })).status).toBe(400);
  });
});
