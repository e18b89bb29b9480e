import { decodeJwt } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Application, addPerson, obtainTokens, refresh, refreshed, spa, web } from '../support/applications.ts';
import { databases, useWorld } from '../support/databases.ts';
import { type Api, addAdmin, apiWith, createApi } from '../support/management.ts';
import { postToken } from '../support/world.ts';

type Credential = { readonly id: string } & Readonly<Record<string, unknown>>;

describe.each(databases)('device credentials on %s', (database) => {
  const getWorld = useWorld(
    {
      change: (seed, issuerUrl) => addAdmin(seed, issuerUrl, ['read:device_credentials', 'delete:device_credentials']),
    },
    database,
  );
  let api: Api;
  beforeAll(async () => {
    api = await createApi(getWorld());
  });

  async function arrive(application: Application, more: Readonly<Record<string, string>> = {}) {
    const person = addPerson(getWorld());
    const tokens = await obtainTokens(getWorld(), application, {
      login_hint: person.id,
      scope: 'openid offline_access',
      ...more,
    });
    const { sub } = decodeJwt(String(tokens.id_token));
    return { userId: String(sub), token: String(tokens.refresh_token), tokens };
  }
  const list = async (query: string) => {
    const answer = await api.call('GET', `/device-credentials?${query}`);
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    return answer.body as readonly Credential[];
  };
  const of = (userId: string) => `user_id=${encodeURIComponent(userId)}`;

  test('a refresh token is listed by its type, and without one only if it does not rotate', async () => {
    const [fixed, rotating] = [await arrive(web), await arrive(spa)];
    const credential = { user_id: fixed.userId, client_id: 'web', type: 'refresh_token', device_name: '' };
    expect(await list(of(fixed.userId))).toEqual([{ ...credential, id: expect.stringMatching(/^rt_/) }]);
    expect(await list(`${of(fixed.userId)}&type=refresh_token`)).toHaveLength(1);
    expect(await list(`${of(fixed.userId)}&type=rotating_refresh_token`)).toEqual([]);
    expect(await list(`${of(fixed.userId)}&type=public_key`)).toEqual([]);
    expect(await list(`${of(fixed.userId)}&client_id=spa`)).toEqual([]);
    expect(await list(of(rotating.userId))).toEqual([]);
    expect(await list(`${of(rotating.userId)}&type=rotating_refresh_token&fields=client_id,type`)).toEqual([
      { client_id: 'spa', type: 'rotating_refresh_token' },
    ]);
    expect((await api.call('GET', '/device-credentials?type=password')).status).toBe(400);
  });

  test('a device is known by the user agent that it had first', async () => {
    const { userId, token } = await arrive(spa);
    const form = { grant_type: 'refresh_token', client_id: 'spa', refresh_token: token };
    const { body } = await postToken(getWorld(), form, { 'user-agent': 'Later/2' });
    expect(await list(`${of(userId)}&type=rotating_refresh_token`)).toMatchObject([{ device_name: '' }]);
    expect(JSON.stringify(await list(`${of(userId)}&type=rotating_refresh_token`))).not.toContain(body.refresh_token);
  });

  test('everybody’s are listed in pages, without those that were exchanged', async () => {
    const known = await Promise.all([arrive(web), arrive(web), arrive(spa)]);
    await refreshed(getWorld(), spa, known[2].token);
    const path = '/device-credentials?type=rotating_refresh_token&client_id=spa&include_totals=true&per_page=1000';
    const { body } = await api.call('GET', path);
    const { total, device_credentials: all } = body as { total: number; device_credentials: readonly Credential[] };
    expect(all).toHaveLength(total);
    expect(all.filter(({ user_id }) => user_id === known[2].userId)).toHaveLength(1);
    const everybody = await list('type=refresh_token&per_page=1000');
    expect(everybody.map(({ user_id }) => user_id)).toEqual(expect.arrayContaining([known[0].userId, known[1].userId]));
    const pages = await Promise.all([0, 1].map((page) => list(`type=refresh_token&per_page=1&page=${page}`)));
    expect(pages.flat()).toEqual(everybody.slice(0, 2));
  });

  test('a device that is deleted is signed out, and no other; deleting it twice changes nothing', async () => {
    const [gone, kept] = [await arrive(web), await arrive(web)];
    const [credential] = await list(of(gone.userId));
    const remove = () => api.call('DELETE', `/device-credentials/${credential?.id}`);
    expect(await remove()).toMatchObject({ status: 204, body: undefined });
    expect((await refresh(getWorld(), web, gone.token)).status).toBe(403);
    expect((await refresh(getWorld(), web, kept.token)).status).toBe(200);
    expect((await remove()).status).toBe(204);
  });

  test('a person’s own token deletes their own devices, and does not learn whether there are others', async () => {
    const [victim, other] = [await arrive(web), await arrive(web)];
    const [theirs] = await list(of(victim.userId));
    const [own] = await list(of(other.userId));
    const person = getWorld().broker.url('api/v2/');
    const { tokens } = await arrive(web, {
      login_hint: other.userId.split('|').at(-1) ?? '',
      audience: person,
      scope: 'openid delete:current_user_device_credentials delete:device_credentials read:device_credentials',
    });
    expect(tokens.scope).toBe('openid delete:current_user_device_credentials');
    const mine = apiWith(getWorld(), tokens.access_token);
    const refusal = { status: 403, body: { message: 'User to be acted on does not match subject in bearer token.' } };
    expect(await mine.call('DELETE', `/device-credentials/${theirs?.id}`)).toMatchObject(refusal);
    expect(await mine.call('DELETE', '/device-credentials/rt_none')).toMatchObject(refusal);
    expect((await mine.call('GET', '/device-credentials')).status).toBe(403);
    expect((await mine.call('DELETE', `/device-credentials/${own?.id}`)).status).toBe(204);
    expect((await refresh(getWorld(), web, other.token)).status).toBe(403);
    expect((await refresh(getWorld(), web, victim.token)).status).toBe(200);
  });
});
