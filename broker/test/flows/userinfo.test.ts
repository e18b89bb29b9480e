import { request } from 'undici';
import { beforeAll, describe, expect, test } from 'vitest';
import type { UserId } from '../../src/core/ids.ts';
import { addPerson, obtainTokens, readUserinfo, type Tokens, web } from '../support/applications.ts';
import { useWorld } from '../support/databases.ts';
import { audience, machineSecret, postToken, signIn } from '../support/world.ts';

const getWorld = useWorld();

const kinds = [
  ['an opaque token', {}],
  ['a JWT whose audience includes it', { audience }],
] as const;

const challenge = (reason: string) => `Bearer realm="Users", error="invalid_token", error_description="${reason}"`;

describe.each(kinds)('/userinfo with %s', (_, more) => {
  let tokens: Tokens;
  let userId: string;
  beforeAll(async () => {
    const person = addPerson(getWorld(), { avatar: { url: 'https://cdn.example.com/p.png' } });
    userId = `oauth2|mapped|${person.id}`;
    tokens = await obtainTokens(getWorld(), web, { login_hint: person.id, scope: 'openid profile email', ...more });
  });

  const ask = async (
    method: 'GET' | 'POST',
    path: string,
    init: { headers?: Record<string, string>; body?: string },
  ) => {
    const response = await request(getWorld().broker.url(path), { method, ...init });
    return { status: response.statusCode, body: await response.body.json() };
  };

  test('answers in the header, in the query for old libraries, and in a form (RFC 6750 §2)', async () => {
    const expected = {
      status: 200,
      body: {
        sub: userId,
        name: 'Ada Byron',
        nickname: expect.any(String),
        picture: 'https://cdn.example.com/p.png',
        updated_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        email: expect.stringContaining('@example.com'),
        email_verified: true,
      },
    };
    const headers = { authorization: `Bearer ${tokens.access_token}` };
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = `access_token=${tokens.access_token}`;
    expect(await ask('GET', 'userinfo', { headers })).toEqual(expected);
    expect(await ask('POST', 'userinfo', { headers })).toEqual(expected);
    expect(await ask('GET', `userinfo?access_token=${tokens.access_token}`, {})).toEqual(expected);
    expect(await ask('POST', 'userinfo', { headers: form, body })).toEqual(expected);
  });

  test.each([
    ['openid', ['sub']],
    ['openid email', ['sub', 'email', 'email_verified']],
    ['openid profile', ['sub', 'name', 'nickname', 'picture', 'updated_at']],
    ['openid user_metadata', ['sub', 'user_metadata']],
  ])('tells what the scope %s covers and nothing else', async (scope, names) => {
    const { access_token: accessToken } = await obtainTokens(getWorld(), web, { scope, ...more });
    const { status, text } = await readUserinfo(getWorld(), accessToken);
    expect(status).toBe(200);
    expect(Object.keys(JSON.parse(text)).sort()).toEqual(names.sort());
  });

  test('a changed token is refused', async () => {
    const parts = tokens.access_token.split('.');
    for (const [index, part] of parts.entries()) {
      if (part === '') continue;
      const flipped = `${part[0] === 'A' ? 'B' : 'A'}${part.slice(1)}`;
      const changed = parts.with(index, flipped).join('.');
      expect(await readUserinfo(getWorld(), changed)).toMatchObject({ status: 401, text: 'Unauthorized' });
    }
  });

  test('a blocked person gets no answer', async () => {
    const { store, clock } = getWorld().broker;
    await store.write(store.users.setBlocked(userId as UserId, true, clock.now()));
    expect((await readUserinfo(getWorld(), tokens.access_token)).status).toBe(401);
    await store.write(store.users.setBlocked(userId as UserId, false, clock.now()));
    expect((await readUserinfo(getWorld(), tokens.access_token)).status).toBe(200);
  });
});

describe('/userinfo refuses with the plain word and says why in the header', () => {
  const expectRefused = async (token: string, reason: string) => {
    const { status, text, headers } = await readUserinfo(getWorld(), token);
    expect({ status, text }).toEqual({ status: 401, text: 'Unauthorized' });
    expect(headers['content-type']).toMatch(/^text\/plain/);
    expect(headers['www-authenticate']).toBe(challenge(reason));
  };

  test('a request without token', async () => {
    const response = await request(getWorld().broker.url('userinfo'));
    expect(response.statusCode).toBe(401);
    expect(await response.body.text()).toBe('Unauthorized');
    expect(response.headers['www-authenticate']).toBe(challenge('No access token was sent'));
  });

  test('an ID token', async () => {
    const { id_token: idToken = '' } = await obtainTokens(getWorld(), web);
    await expectRefused(idToken, 'The access token is not valid');
  });

  test("a client's own token", async () => {
    const { body } = await postToken(getWorld(), {
      grant_type: 'client_credentials',
      client_id: 'machine',
      client_secret: machineSecret,
      audience,
    });
    await expectRefused(String(body.access_token), 'The access token is not valid');
  });

  test('a token without openid', async () => {
    const opaque = await obtainTokens(getWorld(), web, { scope: 'profile' });
    const answer = await readUserinfo(getWorld(), opaque.access_token);
    expect(answer).toMatchObject({ status: 403, text: 'Forbidden' });
    expect(answer.headers['www-authenticate']).toContain('error="insufficient_scope"');
    // The audience of a JWT includes /userinfo only with openid.
    const jwt = await obtainTokens(getWorld(), web, { scope: 'read:shows', audience });
    await expectRefused(jwt.access_token, 'The access token is not valid');
  });

  test('nonsense', async () => {
    for (const token of ['x', 'a.b.c', 'a..b.c.d', `${'A'.repeat(4000)}`]) {
      await expectRefused(token, 'The access token is not valid');
    }
  });

  test.each([
    ['opaque', 86_400, {}],
    ['JWT', 86_400, { audience }],
  ])('an expired %s token', async (_, lifetimeSeconds, more) => {
    const { access_token: accessToken, expires_in: expiresIn } = await obtainTokens(getWorld(), web, more);
    expect(expiresIn).toBe(lifetimeSeconds);
    getWorld().broker.clock.advance(lifetimeSeconds - 60);
    expect((await readUserinfo(getWorld(), accessToken)).status).toBe(200);
    getWorld().broker.clock.advance(61);
    await expectRefused(accessToken, 'The token has expired');
  });

  test('an opaque token that came through the browser lives two hours', async () => {
    const { answer } = await signIn(getWorld(), { response_type: 'token', nonce: 'n' });
    expect(answer.expires_in).toBe('7200');
    getWorld().broker.clock.advance(7_140);
    expect((await readUserinfo(getWorld(), String(answer.access_token))).status).toBe(200);
    getWorld().broker.clock.advance(61);
    await expectRefused(String(answer.access_token), 'The token has expired');
  });
});
