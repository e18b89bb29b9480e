import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Api, addAdmin, createApi } from '../support/management.ts';
import {
  audience,
  callback,
  machineSecret,
  postToken,
  signIn,
  startWorld,
  type World,
  webSecret,
} from '../support/world.ts';

/*
 * `subject_type_authorization`: whether applications may have tokens of their own for an API, and people through them.
 */

describe('who may have tokens for an API', () => {
  let world: World;
  let api: Api;
  beforeAll(async () => {
    const scopes = ['read:resource_servers', 'update:resource_servers'];
    world = await startWorld({ change: (seed, issuerUrl) => addAdmin(seed, issuerUrl, scopes) });
    api = await createApi(world);
  });
  afterAll(() => world.close());

  const allow = async (policies: object | null) => {
    const path = `/resource-servers/${encodeURIComponent(audience)}`;
    const answer = await api.call('PATCH', path, { subject_type_authorization: policies });
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    return answer.body as { readonly subject_type_authorization: object };
  };
  const askAsMachine = () =>
    postToken(world, {
      grant_type: 'client_credentials',
      client_id: 'machine',
      client_secret: machineSecret,
      audience,
    });
  const asWeb = (form: Readonly<Record<string, string | undefined>>) =>
    postToken(world, { client_id: 'web', client_secret: webSecret, ...form });
  const ask = async () => (await signIn(world, { audience, scope: 'openid offline_access' })).answer;
  const redeem = (code: string | undefined) =>
    asWeb({ grant_type: 'authorization_code', code, redirect_uri: callback });

  test('an application has none where applications may not, whatever its client grant says', async () => {
    expect((await askAsMachine()).status).toBe(200);
    await allow({ client: { policy: 'deny_all' } });
    expect(await askAsMachine()).toMatchObject({ status: 403, body: { error: 'access_denied' } });
    expect((await ask()).code).toBeDefined();
    await allow({ client: { policy: 'require_client_grant' } });
    expect((await askAsMachine()).status).toBe(200);
  });

  test.each(['deny_all', 'require_client_grant'])('people have none with %s, from that moment on', async (policy) => {
    await allow(null);
    const { body } = await redeem((await ask()).code);
    const { code } = await ask();
    await allow({ user: { policy } });
    expect(await ask()).toMatchObject({
      error: 'access_denied',
      error_description: `Client is not authorized to access resource server "${audience}".`,
    });
    expect(await redeem(code)).toMatchObject({ status: 403, body: { error: 'access_denied' } });
    const refreshed = await asWeb({ grant_type: 'refresh_token', refresh_token: String(body.refresh_token) });
    expect(refreshed).toMatchObject({ status: 403, body: { error: 'access_denied' } });
    expect((await askAsMachine()).status).toBe(200);
    expect((await signIn(world)).answer.code).toBeDefined();
    await allow(null);
    expect((await ask()).code).toBeDefined();
  });

  test('what is not said is as usual, and what there is not is refused by name', async () => {
    const usual = { client: { policy: 'require_client_grant' }, user: { policy: 'allow_all' } };
    expect((await allow(null)).subject_type_authorization).toEqual(usual);
    const path = `/resource-servers/${encodeURIComponent(audience)}`;
    for (const said of [{ user: { policy: 'some' } }, { people: {} }, 'deny_all']) {
      expect(await api.call('PATCH', path, { subject_type_authorization: said })).toMatchObject({
        status: 400,
        body: { message: expect.stringContaining('on property subject_type_authorization') },
      });
    }
  });
});
