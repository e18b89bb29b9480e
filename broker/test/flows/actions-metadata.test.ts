import { decodeJwt } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Application, obtainTokens, refreshed, spa, web } from '../support/applications.ts';
import { databases, useWorld } from '../support/databases.ts';
import { type Api, addAdmin, createApi } from '../support/management.ts';
import { authorizeUrl, callback, type WorldOptions } from '../support/world.ts';

/*
 * Texts that Actions keep with a session and with a refresh token. The first Action does what `ext-case` or the scope of a
 * refresh asks for, the second one tells what it sees.
 */

const code = `exports.onExecutePostLogin = async (event, api) => {
  const asked = event.request.query['ext-case'] ?? event.request.body['ext-case'];
  if (asked === 'set') {
    api.session.setMetadata('place', 'Turin');
    api.session.setMetadata('agent', event.request.user_agent ?? 'none');
    api.refreshToken.setMetadata('device', 'Phone');
    api.refreshToken.setMetadata('count', '1');
  }
  if (asked === 'more') {
    api.session.setMetadata('place', 'Milan').session.deleteMetadata('agent');
    api.refreshToken.setMetadata('count', String(Number(event.refresh_token.metadata.count) + 1));
  }
  if (asked === 'evict') {
    api.session.evictMetadata().session.setMetadata('only', 'this');
    api.refreshToken.evictMetadata();
  }
  if (asked === 'strange') {
    api.session.setMetadata('number', 1);
    api.session.setMetadata('missing', event.request.geoip.countryCode);
    api.session.setMetadata('long', 'x'.repeat(256));
    api.session.setMetadata('__proto__', 'polluted');
    api.session.setMetadata('', 'nameless');
    for (let index = 0; index < 40; index++) api.session.setMetadata('key' + index, 'x'.repeat(255));
  }
  if (asked === 'deny') {
    api.session.setMetadata('tried', 'yes');
    api.access.deny('No entry');
  }
};`;

const tell = `exports.onExecutePostLogin = async (event, api) => {
  const { session, refresh_token: token } = event;
  api.idToken.setCustomClaim('https://example.com/seen', { session, token: token ?? null });
};`;

const change: WorldOptions['change'] = (seed, issuerUrl) => {
  const post = { supported_triggers: [{ id: 'post-login' as const }], deploy: true };
  seed.actions.push({ name: 'keep', code, ...post }, { name: 'tell', code: tell, ...post });
  addAdmin(seed, issuerUrl, ['read:sessions', 'update:sessions', 'read:refresh_tokens']);
};

type Seen = { readonly session: Record<string, unknown>; readonly token: Record<string, unknown> | null };
const seenIn = (idToken: string | undefined) =>
  decodeJwt(String(idToken))['https://example.com/seen'] as unknown as Seen;

describe.each(databases)('metadata of Actions on %s', (database) => {
  const getWorld = useWorld({ change }, database);
  let api: Api;
  beforeAll(async () => {
    api = await createApi(getWorld());
  });
  let people = 0;

  async function arrive(application: Application, asked?: string) {
    people += 1;
    const id = `keeper-${people}`;
    getWorld().provider.signInAs({ id });
    const parameters = { scope: 'openid offline_access', 'ext-case': asked };
    const tokens = await obtainTokens(getWorld(), application, parameters);
    const seen = seenIn(tokens.id_token);
    const sid = String(seen.session.id);
    const session = async () => (await api.call('GET', `/sessions/${sid}`)).body as Record<string, unknown>;
    const list = async () => {
      const { body } = await api.call('GET', `/refresh-tokens?user_id=${encodeURIComponent(`oauth2|mapped|${id}`)}`);
      return (body as { refresh_tokens: readonly Record<string, unknown>[] }).refresh_tokens;
    };
    return { tokens, seen, sid, session, list };
  }

  test.each([
    ['stays', web],
    ['rotates', spa],
  ] as const)(
    'is kept with the session and with a refresh token that %s, seen later and changed',
    async (_, client) => {
      const person = await arrive(client, 'set');
      expect(person.seen.session).toMatchObject({
        metadata: { place: 'Turin', agent: 'none' },
        clients: [{ client_id: client.clientId }],
        device: { initial_ip: '127.0.0.1', last_ip: '127.0.0.1' },
        last_interacted_at: expect.any(String),
      });
      expect(person.seen.token).toBeNull();
      expect(await person.session()).toMatchObject({ session_metadata: { place: 'Turin', agent: 'none' } });
      expect(await person.list()).toMatchObject([{ refresh_token_metadata: { device: 'Phone', count: '1' } }]);

      const next = await refreshed(getWorld(), client, person.tokens.refresh_token, { 'ext-case': 'more' });
      expect(seenIn(next.id_token)).toMatchObject({
        session: { id: person.sid, metadata: { place: 'Milan' } },
        token: { metadata: { device: 'Phone', count: '2' }, client_id: client.clientId, session_id: person.sid },
      });
      expect(await person.session()).toMatchObject({ session_metadata: { place: 'Milan' } });
      expect(await person.list()).toMatchObject([{ refresh_token_metadata: { device: 'Phone', count: '2' } }]);

      const last = await refreshed(getWorld(), client, next.refresh_token ?? person.tokens.refresh_token, {
        'ext-case': 'evict',
      });
      expect(seenIn(last.id_token)).toMatchObject({ session: { metadata: { only: 'this' } }, token: { metadata: {} } });
      expect((await person.session()).session_metadata).toEqual({ only: 'this' });
      expect((await person.list())[0]?.refresh_token_metadata).toEqual({});
    },
  );

  test('that an administrator has put is seen by scripts', async () => {
    const person = await arrive(web);
    await api.call('PATCH', `/sessions/${person.sid}`, { session_metadata: { by: 'admin' } });
    const next = await refreshed(getWorld(), web, person.tokens.refresh_token);
    expect(seenIn(next.id_token).session.metadata).toEqual({ by: 'admin' });
  });

  test('that is no text, too long, too much or no name for a text is left out', async () => {
    const person = await arrive(web, 'strange');
    const { session_metadata: kept } = await person.session();
    expect(Object.keys(kept as object)).toEqual(Array.from({ length: 25 }, (_, index) => `key${index}`));
    expect(person.seen.session.metadata).toEqual(kept);
  });

  test('of a session is kept where the sign-in is denied', async () => {
    const person = await arrive(web);
    const url = authorizeUrl(getWorld(), { prompt: 'none', 'ext-case': 'deny' });
    const answer = await person.tokens.agent.follow(url, callback);
    expect(answer.location).toContain('error=access_denied');
    expect((await person.session()).session_metadata).toEqual({ tried: 'yes' });
  });
});
