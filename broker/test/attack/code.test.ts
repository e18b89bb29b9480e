import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAgent } from '../support/agent.ts';
import {
  audience,
  authorizeUrl,
  callback,
  createPkce,
  postToken,
  redeem,
  signIn,
  spaCallback,
  startWorld,
  type TokenResponse,
  type World,
} from '../support/world.ts';
import { expectErrorRedirect, type Parameters } from './refusal.ts';

/* A code is worth something once, for a minute, to the client that asked, with the address and the verifier that it named. */

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

/** Auth0's answer to every code that gives nothing. */
const invalidCode = { status: 403, body: { error: 'invalid_grant', error_description: 'Invalid authorization code' } };

const codeFor = async (parameters: Parameters = {}, of = world): Promise<string> => {
  const { answer } = await signIn(of, parameters);
  return answer.code ?? `no code: ${JSON.stringify(answer)}`;
};

const expectRefused = (answer: TokenResponse, expected: { status: number; body: Record<string, unknown> }): void => {
  expect({ status: answer.status, body: answer.body }).toEqual(expected);
  expect(answer.headers['cache-control']).toBe('no-store');
};

/** The right client with the right address cannot use it any more either. */
const expectBurnt = async (code: string, more: Parameters = {}): Promise<void> =>
  expectRefused(await redeem(world, code, more), invalidCode);

const userinfoStatus = async (token: unknown, of = world): Promise<number> => {
  const answer = await request(of.broker.url('userinfo'), { headers: { authorization: `Bearer ${token}` } });
  await answer.body.dump();
  return answer.statusCode;
};

describe('DN-05 a code that is used a second time', () => {
  test('takes its JWT along also where the second broker has a clock that is behind', async () => {
    world.broker.clock.advance(10);
    const code = await codeFor({ audience });
    const { body } = await redeem(world, code);
    expect(await userinfoStatus(body.access_token)).toBe(200);
    world.broker.clock.advance(-3);
    await expectBurnt(code);
    world.broker.clock.advance(3);
    expect(await userinfoStatus(body.access_token)).toBe(401);
  });

  test.each([
    ['opaque', undefined],
    ['JWT', audience],
  ])('is refused, and what it gave is revoked: refresh token and access token (%s)', async (_, api) => {
    // A JWT carries no grant: those of the same person and client from the same second share its fate.
    world.broker.clock.advance(2);
    const code = await codeFor({ scope: 'openid offline_access', audience: api });
    const first = await redeem(world, code);
    expect(await userinfoStatus(first.body.access_token)).toBe(200);
    expectRefused(await redeem(world, code), invalidCode);
    expect(await userinfoStatus(first.body.access_token)).toBe(401);
    const refresh = { grant_type: 'refresh_token', refresh_token: String(first.body.refresh_token) };
    expect(await redeem(world, undefined, { ...refresh, redirect_uri: undefined })).toMatchObject({
      status: 403,
      body: { error: 'invalid_grant' },
    });
    expectRefused(await redeem(world, code), invalidCode);
  });

  test('30 seconds later is refused too, and so is what another sign-in gave not touched', async () => {
    const other = await redeem(
      world,
      await codeFor({ client_id: 'spa', redirect_uri: spaCallback, ...pkceOf().asked }),
      {
        client_id: 'spa',
        client_secret: undefined,
        redirect_uri: spaCallback,
        code_verifier: pkceOf().verifier,
      },
    );
    const code = await codeFor();
    const first = await redeem(world, code);
    world.broker.clock.advance(30);
    expectRefused(await redeem(world, code), invalidCode);
    expect(await userinfoStatus(first.body.access_token)).toBe(401);
    expect(await userinfoStatus(other.body.access_token)).toBe(200);
  });

  test('after a restart of the broker is refused, and what it gave is revoked', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'portico-restart-'));
    const options = {
      databaseUrl: `sqlite:${join(directory, 'portico.db')}`,
      environment: {
        PORTICO_SEALING_KEYS: `t1:${randomBytes(32).toString('base64')}`,
        PORTICO_ISSUER: 'http://issuer.example.com/',
      },
    };
    const before = await startWorld(options);
    const port = before.broker.port;
    const at = (path: string, to: number) => `http://localhost:${to}/${path}`;
    const agent = createAgent();
    const begun = await agent.get(authorizeUrl(before, {}).replace(before.broker.issuerUrl, at('', port)));
    const atCallback = await agent.get(begun.location ?? '');
    const answer = await agent.get((atCallback.location ?? '').replace(before.broker.issuerUrl, at('', port)));
    const code = new URL(answer.location ?? '').searchParams.get('code') ?? '';
    const redeemAt = async (to: number) => {
      const form = { grant_type: 'authorization_code', client_id: 'web', client_secret: 'web-secret-0123456789' };
      const body = new URLSearchParams({ ...form, redirect_uri: callback, code }).toString();
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      const response = await request(at('oauth/token', to), { method: 'POST', headers, body });
      return { status: response.statusCode, body: (await response.body.json()) as Record<string, unknown> };
    };
    const first = await redeemAt(port);
    expect(first.status).toBe(200);
    await before.close();

    const after = await startWorld(options);
    const whoami = async () => {
      const headers = { authorization: `Bearer ${first.body.access_token}` };
      const response = await request(at('userinfo', after.broker.port), { headers });
      await response.body.dump();
      return response.statusCode;
    };
    expect(await whoami()).toBe(200);
    expect(await redeemAt(after.broker.port)).toEqual(invalidCode);
    expect(await whoami()).toBe(401);
    await after.close();
    rmSync(directory, { recursive: true, force: true });
  });
});

describe('DN-06 a code', () => {
  test('of one client is worth nothing to another, and is burnt by the try', async () => {
    const code = await codeFor();
    const asSpa = { client_id: 'spa', client_secret: undefined, redirect_uri: callback };
    expectRefused(await redeem(world, code, asSpa), invalidCode);
    await expectBurnt(code);
  });

  // Auth0's wire: unauthorized_client with 403, and origins only; the code is burnt all the same.
  test.each([
    ['another listed one', 'https://app.example.com/other', 'https://app.example.com'],
    ['a foreign one', 'https://evil.example.com/callback?secret=1', 'https://evil.example.com'],
    ['a slash more', `${callback}/`, 'https://app.example.com'],
    ['none that can be read', 'evil', 'evil:'],
  ])('with another redirect URI, %s, is refused and burnt', async (_, redirectUri, shown) => {
    const code = await codeFor();
    expectRefused(await redeem(world, code, { redirect_uri: redirectUri }), {
      status: 403,
      body: {
        error: 'unauthorized_client',
        error_description: `The redirect URI is wrong. You sent ${shown}, and we expected https://app.example.com`,
      },
    });
    await expectBurnt(code);
  });

  test('without the redirect URI that was named is refused and burnt', async () => {
    const code = await codeFor();
    expect(await redeem(world, code, { redirect_uri: undefined })).toMatchObject({ status: 400 });
    await expectBurnt(code);
  });

  test.each([
    ['a word', 'unknown'],
    ['a prefix', 'ac_'],
    ['of the right form', 'ac_'.padEnd(46, 'A')],
    ['very long', 'x'.repeat(5000)],
    ['NUL', '\u0000'],
    ['SQL', "' or 1=1 --"],
  ])('that was never given (%s) is refused', async (_, code) => {
    expectRefused(await redeem(world, code), invalidCode);
  });
});

test('DN-07 a code is worth nothing after 60 seconds, and everything a moment before', async () => {
  const fresh = await codeFor();
  world.broker.clock.advance(58);
  expect((await redeem(world, fresh)).status).toBe(200);
  const old = await codeFor();
  world.broker.clock.advance(61);
  expectRefused(await redeem(world, old), invalidCode);
});

const fixed = createPkce();
function pkceOf() {
  return { verifier: fixed.verifier, asked: { code_challenge: fixed.challenge, code_challenge_method: 'S256' } };
}

describe('DN-08 PKCE cannot be taken away', () => {
  const { verifier, asked } = pkceOf();
  const wrong = { status: 403, body: { error: 'invalid_grant', error_description: 'Failed to verify code verifier' } };
  // Auth0's wire for a verifier that is missing.
  const missing = {
    status: 400,
    body: { error: 'invalid_request', error_description: "Parameter 'code_verifier' is required" },
  };
  test.each([
    ['(a) a challenge, no verifier', asked, {}, missing],
    ['(a) a challenge, an empty verifier', asked, { code_verifier: '' }, missing],
    ['(b) no challenge, a verifier', {}, { code_verifier: verifier }, wrong],
    ['(c) the challenge itself, as if it were plain', asked, { code_verifier: fixed.challenge }, wrong],
    ['another verifier', asked, { code_verifier: createPkce().verifier }, wrong],
    ['(e) a verifier of 42 characters', asked, { code_verifier: verifier.slice(0, 42) }, wrong],
    ['(e) a verifier of 129 characters', asked, { code_verifier: verifier.padEnd(129, 'x') }, wrong],
    ['(e) a verifier with a letter that is not allowed', asked, { code_verifier: `${verifier.slice(0, 42)}+` }, wrong],
  ] as const)('%s: refused, and the code is burnt', async (_, parameters, more, expected) => {
    const code = await codeFor(parameters);
    expectRefused(await redeem(world, code, more), expected);
    await expectBurnt(code, 'code_challenge' in parameters ? { code_verifier: verifier } : {});
  });

  test('(e) a right answer to a challenge that was made from a verifier of bad letters is refused', async () => {
    const bad = 'ü'.repeat(43);
    const challenge = createHash('sha256').update(bad).digest('base64url');
    const code = await codeFor({ ...asked, code_challenge: challenge });
    expectRefused(await redeem(world, code, { code_verifier: bad }), wrong);
  });

  test.each([
    ['(c) plain', { code_challenge: verifier, code_challenge_method: 'plain' }],
    ['(d) no method', { code_challenge: asked.code_challenge }],
    ['a method in another case', { code_challenge: asked.code_challenge, code_challenge_method: 's256' }],
    ['(f) an empty challenge', { ...asked, code_challenge: '' }],
    ['a method without challenge', { code_challenge_method: 'S256' }],
    ['a challenge that is too short', { ...asked, code_challenge: 'x' }],
    ['(h) nothing, from a public client', { client_id: 'spa', redirect_uri: spaCallback }],
  ])('%s: the request is refused', async (_, parameters: Parameters) => {
    const answer = await createAgent().get(authorizeUrl(world, parameters));
    const redirectUri = parameters.redirect_uri ?? callback;
    expect(answer.location?.startsWith(redirectUri)).toBe(true);
    expect(new URL(answer.location ?? '').searchParams.get('error')).toBe('invalid_request');
    if (redirectUri === callback) expectErrorRedirect(world, answer, { error: 'invalid_request' });
  });

  test('(g) a verifier that is a list, or is sent twice, is refused', async () => {
    const code = await codeFor(asked);
    const form = { grant_type: 'authorization_code', client_id: 'web', client_secret: 'web-secret-0123456789' };
    const body = JSON.stringify({ ...form, redirect_uri: callback, code, code_verifier: [verifier] });
    const send = (type: string, text: string) =>
      request(world.broker.url('oauth/token'), { method: 'POST', headers: { 'content-type': type }, body: text });
    const asList = await send('application/json', body);
    expect([asList.statusCode, await asList.body.json()]).toMatchObject([400, { error: 'invalid_request' }]);
    const twice = new URLSearchParams({ ...form, redirect_uri: callback, code, code_verifier: verifier });
    twice.append('code_verifier', verifier);
    const asTwo = await send('application/x-www-form-urlencoded', twice.toString());
    expect([asTwo.statusCode, await asTwo.body.json()]).toMatchObject([400, { error: 'invalid_request' }]);
  });

  test('the right verifier gives tokens', async () => {
    expect((await redeem(world, await codeFor(asked), { code_verifier: verifier })).status).toBe(200);
  });
});

test('DN-05 a refresh token or a state is no code, and a code is no refresh token', async () => {
  const code = await codeFor({ scope: 'openid offline_access' });
  const answer = await postToken(world, {
    grant_type: 'refresh_token',
    client_id: 'web',
    client_secret: 'web-secret-0123456789',
    refresh_token: code,
  });
  expect(answer).toMatchObject({ status: 403, body: { error: 'invalid_grant' } });
  expect((await redeem(world, code)).status).toBe(200);
});
