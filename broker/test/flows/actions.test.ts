import { decodeJwt } from 'jose';
import { describe, expect, test } from 'vitest';
import type { UserId } from '../../src/core/ids.ts';
import { createAgent } from '../support/agent.ts';
import { databases, useWorld } from '../support/databases.ts';
import {
  answerParameters,
  audience,
  authorizeUrl,
  callback,
  machineSecret,
  postToken,
  redeem,
  signIn,
  type WorldOptions,
  webSecret,
} from '../support/world.ts';

/*
 * One tenant with several Actions; `ext-case` at /authorize says what a sign-in is about, as an application would say it.
 */

const action = (name: string, code: string, more: object = {}) => ({
  name,
  supported_triggers: [{ id: 'post-login' as const }],
  code,
  deploy: true,
  ...more,
});

const postLogin = (body: string) => `exports.onExecutePostLogin = async (event, api) => {
  const asked = event.request.query['ext-case'];
  ${body}
};`;

const change: WorldOptions['change'] = (seed) => {
  seed.actions.push(
    action(
      'claims',
      postLogin(`
  if (asked === 'refresh') api.idToken.setCustomClaim('https://example.com/protocol', event.transaction.protocol);
  if (event.transaction.protocol === 'oauth2-refresh-token') {
    api.idToken.setCustomClaim('https://example.com/protocol', event.transaction.protocol);
    api.accessToken.setCustomClaim('https://example.com/refreshed', event.refresh_token.id.length > 0);
    if (event.user.app_metadata.blocked_later) api.access.deny('Not any more');
  }
  if (asked === 'claims') {
    api.idToken.setCustomClaim('https://example.com/roles', ['viewer']).idToken.setCustomClaim('plain', { a: 1 });
    api.idToken.setCustomClaim('favourite', event.secrets.GREETING);
    api.accessToken.setCustomClaim('https://example.com/plan', 'gold');
    api.accessToken.addScope('write:extra');
    api.accessToken.removeScope('read:shows');
  }
  if (asked === 'protected') {
    for (const name of ['sub', 'iss', 'aud', 'exp', 'sid', 'nonce', 'azp', 'https://x.auth0.com/a', 'urn:auth0:x', 'sip_x']) {
      api.idToken.setCustomClaim(name, 'forged');
      api.accessToken.setCustomClaim(name, 'forged');
    }
    api.idToken.setCustomClaim('email', 'set@example.com');
    api.idToken.setCustomClaim('nickname', 'Set');
  }
  if (asked === 'deny') { api.user.setAppMetadata('denied', true); api.access.deny('No entry on Sundays'); }
  if (asked === 'throw') { api.user.setAppMetadata('lost', true); throw new Error('The directory is away'); }
  if (asked === 'endless') for (;;) {}
  if (asked === 'heavy') api.idToken.setCustomClaim('heavy', 'x'.repeat(100_000));
  if (asked === 'restless') for (let n = 0; n <= 1_000; n++) api.user.setUserMetadata('n', n);
  if (asked === 'factor') api.multifactor.enable('any');
  if (asked === 'metadata') {
    api.user.setUserMetadata('theme', 'dark');
    api.user.setUserMetadata('count', (event.user.user_metadata.count || 0) + 1);
    api.user.setAppMetadata('plan', { tier: 'gold' });
  }
  if (asked === 'forget') { api.user.setUserMetadata('theme', null); api.user.setAppMetadata('plan', null); }
  if (asked === 'event') api.idToken.setCustomClaim('https://example.com/event', event);
  if (asked === 'cache') {
    const seen = api.cache.get('visits');
    const visits = seen ? Number(seen.value) + 1 : 1;
    api.cache.set('visits', String(visits), { ttl: 60000 });
    api.idToken.setCustomClaim('https://example.com/visits', visits);
  }
`),
      { secrets: [{ name: 'GREETING', value: 'Servus-from-the-secret' }] },
    ),
    action(
      'second',
      postLogin(`
  if (asked === 'metadata') api.idToken.setCustomClaim('https://example.com/theme', event.user.user_metadata.theme);
  if (asked === 'claims') api.idToken.setCustomClaim('plain', 'last');
  if (asked === 'deny') api.user.setAppMetadata('second', true);
`),
    ),
    action('draft', postLogin(`api.access.deny('a draft ran');`), { deploy: false }),
    {
      ...action(
        'machines',
        `exports.onExecuteCredentialsExchange = async (event, api) => {
  if (event.request.body.deny) api.access.deny(event.request.body.deny, 'Not this machine');
  if (event.request.body.fail) throw new Error('Broken');
  api.accessToken.setCustomClaim('https://example.com/machine', event.client.name);
  api.accessToken.setCustomClaim('sub', 'forged');
};`,
      ),
      supported_triggers: [{ id: 'credentials-exchange' as const }],
    },
  );
};

describe.each(databases)('Actions on %s', (database) => {
  const getWorld = useWorld({ change, environment: { PORTICO_SCRIPT_TIMEOUT_MS: '3000' } }, database);
  const enter = (asked: string, more: Record<string, string> = {}, agent = createAgent()) =>
    signIn(getWorld(), { 'ext-case': asked, ...more }, agent);
  const tokensOf = async (asked: string, more: Record<string, string> = {}) => {
    const { answer, agent } = await enter(asked, more);
    expect(answer).toHaveProperty('code');
    const { status, body } = await redeem(getWorld(), answer.code);
    expect(status, JSON.stringify(body)).toBe(200);
    return { body, agent, id: decodeJwt(String(body.id_token)) };
  };
  const findUser = async (sub: unknown) => await getWorld().broker.store.users.find(sub as UserId);

  test('claims reach the tokens of the code; scopes are added and taken; secrets are there', async () => {
    const { id, body } = await tokensOf('claims', { audience, scope: 'openid read:shows' });
    expect(id).toMatchObject({ 'https://example.com/roles': ['viewer'], plain: 'last' });
    expect(id.favourite).toBe('Servus-from-the-secret');
    const access = decodeJwt(String(body.access_token));
    expect(access).toMatchObject({ 'https://example.com/plan': 'gold', scope: 'openid write:extra' });
    expect(access).not.toHaveProperty('plain');
  });

  test('claims reach an ID token of the front channel too', async () => {
    const { answer } = await enter('claims', { response_type: 'id_token', nonce: 'n-1' });
    expect(decodeJwt(answer.id_token ?? '')).toMatchObject({ plain: 'last', nonce: 'n-1' });
  });

  test('what makes a token ours cannot be set, and a standard claim only where its scope was granted', async () => {
    const { id, body } = await tokensOf('protected', { audience, scope: 'openid email' });
    const access = decodeJwt(String(body.access_token));
    expect(JSON.stringify([id, access])).not.toContain('forged');
    expect(id.sub).toMatch(/^oauth2\|mapped\|/);
    expect(id.email).toBe('set@example.com');
    expect(id).not.toHaveProperty('nickname');
  });

  test('a denial reaches the application with its reason; the session exists and metadata is saved, later Actions do not run', async () => {
    const { answer, agent } = await enter('deny');
    expect(answer).toMatchObject({
      error: 'access_denied',
      error_description: 'No entry on Sundays',
      state: 'app-state',
    });
    const silent = await agent.get(authorizeUrl(getWorld(), { prompt: 'none' }));
    const { body } = await redeem(getWorld(), answerParameters(silent).code);
    const user = await findUser(decodeJwt(String(body.id_token)).sub);
    expect(user?.appMetadata).toMatchObject({ denied: true });
    expect(user?.appMetadata).not.toHaveProperty('second');
    const events = await getWorld().broker.store.logs.list(50);
    expect(events.find(({ type }) => type === 'f')).toMatchObject({ description: 'No entry on Sundays' });
  });

  test('an Action that throws denies the sign-in with its words, and nothing of what it asked for happens', async () => {
    const { answer } = await enter('throw');
    expect(answer).toMatchObject({ error: 'access_denied', error_description: 'The directory is away' });
    const { id } = await tokensOf('nothing');
    expect((await findUser(id.sub))?.appMetadata).not.toHaveProperty('lost');
  });

  test('an Action that never ends denies the sign-in, and the next one goes on', async () => {
    const { answer } = await enter('endless');
    expect(answer.error).toBe('access_denied');
    expect(answer.error_description).toMatch(/^The Action (?:took too long|went over a limit); see trace /);
    await tokensOf('nothing');
  });

  test.each(['heavy', 'restless'])('an Action that asks for too much denies the sign-in (%s)', async (asked) => {
    const { answer } = await enter(asked);
    expect(answer.error).toBe('access_denied');
    expect(answer.error_description).toMatch(/too much|larger than 100 kB/);
  });

  test('a second factor that is asked for is not passed over', async () => {
    const { answer } = await enter('factor');
    expect(answer.error).toBe('access_denied');
    expect(answer.error_description).toMatch(/multifactor\.enable, which Portico does not serve/);
  });

  test('metadata is merged, seen by later Actions, and null takes a key away', async () => {
    const { id } = await tokensOf('metadata', { scope: 'openid user_metadata' });
    expect(id['https://example.com/theme']).toBe('dark');
    expect(id.user_metadata).toMatchObject({ theme: 'dark' });
    const user = await findUser(id.sub);
    expect(user?.appMetadata).toMatchObject({ plan: { tier: 'gold' } });
    await tokensOf('forget');
    const later = await findUser(id.sub);
    expect(later?.appMetadata).not.toHaveProperty('plan');
    expect(later?.userMetadata).not.toHaveProperty('theme');
  });

  test('the event is plain JSON in the documented form, and holds no token of the provider', async () => {
    const { id } = await tokensOf('event', { scope: 'openid profile', login_hint: 'ada', ui_locales: 'de en' });
    const event = id['https://example.com/event'] as Record<string, Record<string, unknown>>;
    expect(event.user).toMatchObject({
      user_id: id.sub,
      app_metadata: expect.any(Object),
      user_metadata: expect.any(Object),
    });
    expect(event.user?.identities).toEqual([
      { connection: 'mapped', provider: 'oauth2', user_id: expect.any(String), isSocial: true },
    ]);
    expect(event.connection).toMatchObject({ name: 'mapped', strategy: 'oauth2', metadata: {} });
    expect(event.client).toEqual({ client_id: 'web', name: 'Web application', metadata: {} });
    expect(event.request).toMatchObject({ method: 'GET', geoip: {}, body: {}, query: { login_hint: 'ada' } });
    expect(event.request?.query).not.toHaveProperty('code');
    expect(event.transaction).toMatchObject({
      protocol: 'oidc-basic-profile',
      redirect_uri: callback,
      requested_scopes: ['openid', 'profile'],
      response_type: ['code'],
      ui_locales: ['de', 'en'],
      metadata: {},
    });
    expect(event.authentication?.methods).toEqual([{ name: 'federated', timestamp: expect.any(String) }]);
    expect(event.stats?.logins_count).toBeGreaterThan(0);
    expect(event.tenant?.id).toBe('portico');
    expect(event).not.toHaveProperty('authorization');
  });

  test('the cache outlives a run', async () => {
    const first = (await tokensOf('cache')).id['https://example.com/visits'];
    const second = (await tokensOf('cache')).id['https://example.com/visits'];
    expect(second).toBe(Number(first) + 1);
  });

  test('a silent sign-in runs them too', async () => {
    const { agent } = await enter('nothing');
    const silent = await agent.get(authorizeUrl(getWorld(), { prompt: 'none', 'ext-case': 'deny' }));
    expect(answerParameters(silent)).toMatchObject({ error: 'access_denied' });
  });

  test('a refresh runs them with its own protocol, and a denial there is a 403 that leaves the token alone', async () => {
    const { body, id } = await tokensOf('refresh', { audience, scope: 'openid offline_access read:shows' });
    expect(id['https://example.com/protocol']).toBe('oidc-basic-profile');
    const refresh = () =>
      postToken(getWorld(), {
        grant_type: 'refresh_token',
        client_id: 'web',
        client_secret: webSecret,
        refresh_token: String(body.refresh_token),
      });
    const refreshed = await refresh();
    expect(refreshed.status, JSON.stringify(refreshed.body)).toBe(200);
    expect(decodeJwt(String(refreshed.body.id_token))['https://example.com/protocol']).toBe('oauth2-refresh-token');
    expect(decodeJwt(String(refreshed.body.access_token))['https://example.com/refreshed']).toBe(true);
    const { store, clock } = getWorld().broker;
    const mark = (blocked: boolean | null) =>
      store.write(
        store.users.changeMetadata({
          userId: id.sub as UserId,
          at: clock.now(),
          userMetadata: {},
          appMetadata: { blocked_later: blocked },
        }),
      );
    await mark(true);
    const denied = await refresh();
    expect([denied.status, denied.body]).toEqual([403, { error: 'access_denied', error_description: 'Not any more' }]);
    await mark(null);
    expect((await refresh()).status).toBe(200);
  });

  test('credentials-exchange adds claims to a client’s own token, and denies with its codes only', async () => {
    const ask = (more: Record<string, string> = {}) =>
      postToken(getWorld(), {
        grant_type: 'client_credentials',
        client_id: 'machine',
        client_secret: machineSecret,
        audience,
        ...more,
      });
    const { body } = await ask();
    expect(decodeJwt(String(body.access_token))).toMatchObject({
      'https://example.com/machine': 'Machine',
      sub: 'machine@clients',
    });
    const denied = await ask({ deny: 'invalid_scope' });
    expect([denied.status, denied.body]).toEqual([
      400,
      { error: 'invalid_scope', error_description: 'Not this machine' },
    ]);
    expect((await ask({ deny: 'anything' })).body.error).toBe('invalid_request');
    const failed = await ask({ fail: 'yes' });
    expect([failed.status, failed.body.error]).toEqual([500, 'server_error']);
  });
});
