import { beforeAll, describe, expect, test } from 'vitest';
import { createAgent } from '../support/agent.ts';
import { readForm } from '../support/applications.ts';
import { databases, useWorld } from '../support/databases.ts';
import { type Api, addAdmin, createApi } from '../support/management.ts';
import { answerParameters, audience, authorizeUrl, callback, redeem } from '../support/world.ts';

const redirectUri = 'https://third.example.net/callback';
type WireGrant = { readonly id: string; readonly user_id: string };

describe.each(databases)('grants through /api/v2 on %s', (database) => {
  const getWorld = useWorld(
    {
      change(seed, issuerUrl) {
        addAdmin(seed, issuerUrl, ['read:grants', 'delete:grants']);
        seed.clients.push({
          client_id: 'third',
          client_secret: 'third-secret-0123456789',
          name: 'Third',
          is_first_party: false,
          callbacks: [redirectUri],
          grant_types: ['authorization_code', 'refresh_token'],
        });
        seed.connections[0]?.enabled_clients?.push('third');
      },
    },
    database,
  );
  let api: Api;
  beforeAll(async () => {
    api = await createApi(getWorld());
  });

  const agent = createAgent();
  const parameters = { client_id: 'third', redirect_uri: redirectUri, scope: 'openid read:shows', audience };
  const arrive = () => agent.follow(authorizeUrl(getWorld(), parameters), redirectUri);
  /** Signs in and allows what the page asks for. */
  async function allow(): Promise<void> {
    const { action, fields } = readForm((await arrive()).body);
    expect((await agent.post(action, { ...fields, decision: 'allow' })).status).toBe(200);
  }

  test('what a person allowed is listed; once it is taken back, they are asked again', async () => {
    await allow();
    expect((await arrive()).status, 'not asked twice').toBe(302);
    const list = await api.call('GET', '/grants?client_id=third&include_totals=true');
    expect(list).toMatchObject({
      status: 200,
      body: { total: 1, start: 0, limit: 50, grants: [{ clientID: 'third', audience }] },
    });
    const [grant] = (list.body as { readonly grants: readonly WireGrant[] }).grants;
    expect((await api.call('GET', '/grants?user_id=nobody')).body).toEqual([]);
    expect((await api.call('DELETE', `/grants/${grant?.id}`)).status).toBe(204);
    expect((await arrive()).body, 'asked again').toContain('Third');

    await allow();
    const path = `/grants?user_id=${encodeURIComponent(String(grant?.user_id))}`;
    expect((await api.call('GET', path)).body).toHaveLength(1);
    expect((await api.call('DELETE', '/grants')).status, 'of nobody in particular').toBe(400);
    expect((await api.call('DELETE', path)).status).toBe(204);
    expect((await api.call('GET', path)).body).toEqual([]);
  });

  const asks = { ...parameters, scope: 'openid read:shows offline_access' };
  const secrets = { client_id: 'third', client_secret: 'third-secret-0123456789', redirect_uri: redirectUri };

  /** A refresh token of an application, allowed by the person if it has to be. */
  async function obtain(request: Readonly<Record<string, string | undefined>>, until = redirectUri) {
    const url = authorizeUrl(getWorld(), request);
    const page = await agent.follow(url, until);
    if (page.location === undefined) {
      const { action, fields } = readForm(page.body);
      await agent.post(action, { ...fields, decision: 'allow' });
    }
    const { code } = answerParameters(page.location === undefined ? await agent.follow(url, until) : page);
    const { body } = await redeem(getWorld(), code, until === redirectUri ? secrets : {});
    expect(body.refresh_token, JSON.stringify(body)).toBeDefined();
    return async () => {
      const more = { grant_type: 'refresh_token', refresh_token: String(body.refresh_token) };
      return (await redeem(getWorld(), undefined, until === redirectUri ? { ...secrets, ...more } : more)).status;
    };
  }

  test('what a grant has allowed ends with it, and nothing else of the person does', async () => {
    const refresh = await obtain(asks);
    const withoutApi = await obtain({ ...asks, audience: undefined, scope: 'openid offline_access' });
    const own = await obtain({ audience, scope: 'openid offline_access' }, callback);
    expect([await refresh(), await withoutApi(), await own()]).toEqual([200, 200, 200]);

    const list = (await api.call('GET', '/grants?client_id=third')).body as readonly (WireGrant & {
      audience?: string;
    })[];
    const grant = list.find((each) => each.audience === audience);
    expect((await api.call('DELETE', `/grants/${grant?.id}`)).status).toBe(204);
    expect([await refresh(), await withoutApi(), await own()]).toEqual([403, 200, 200]);

    const again = await obtain(asks);
    const path = `/grants?user_id=${encodeURIComponent(String(grant?.user_id))}`;
    expect((await api.call('DELETE', path)).status).toBe(204);
    expect([await again(), await withoutApi(), await own()]).toEqual([403, 403, 200]);
  });

  test('a code that a grant has allowed is worth nothing once the grant is taken back', async () => {
    await obtain(asks);
    const { code } = answerParameters(await agent.follow(authorizeUrl(getWorld(), asks), redirectUri));
    const [grant] = (await api.call('GET', '/grants?client_id=third')).body as readonly WireGrant[];
    expect((await api.call('DELETE', `/grants/${grant?.id}`)).status).toBe(204);
    expect(await redeem(getWorld(), code, secrets)).toMatchObject({ status: 403, body: { error: 'invalid_grant' } });
  });
});
