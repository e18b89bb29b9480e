import { createServer } from 'node:http';
import type { JWTPayload } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createAgent } from '../support/agent.ts';
import { listen } from '../support/loopback.ts';
import { answerParameters, startWorld, type World } from '../support/world.ts';
import { beginSignIn, changed, eventsSince, expectErrorRedirect, expectPage } from './refusal.ts';

/* What comes back from an upstream is believed as far as it is proven. */

let world: World;
let tokenRequests: number;
beforeAll(async () => {
  world = await startWorld({
    change: (seed) => {
      const [mapped] = seed.connections;
      if (mapped === undefined) throw new Error('the seed has a connection');
      const { options, ...rest } = mapped;
      const issuer = String(options.authorizationURL).replace('/authorize', '');
      const speaksOpenId = { ...options, issuer, jwks_uri: `${issuer}/jwks`, scope: 'openid profile' };
      seed.connections.push(
        {
          ...rest,
          name: 'advertises',
          options: { ...options, issuer, authorization_response_iss_parameter_supported: true },
        },
        { ...rest, name: 'openid', options: speaksOpenId },
        { ...rest, name: 'apart', options: { ...options, callback_per_connection: true } },
      );
    },
  });
});
afterAll(() => world.close());
beforeEach(() => {
  tokenRequests = world.provider.counts.token;
});
afterEach(() => {
  world.provider.on('token', undefined);
  world.provider.on('authorize', undefined);
});
const newTokenRequests = (): number => world.provider.counts.token - tokenRequests;

describe('UP-07 a mix-up of connections', () => {
  test("ends at the callback of another connection: the code is not sent to the transaction's token endpoint", async () => {
    const other = (await world.broker.store.connections.list()).find(({ name }) => name === 'mapped');
    for (const path of [other?.id, 'con_0000000000000000', 'scripted', '..%2Fcallback']) {
      const { agent, callbackUrl } = await beginSignIn(world, { connection: 'scripted' });
      await expectPage(world, await agent.get(callbackUrl.replace('/login/callback', `/login/callback/${path}`)));
    }
    expect(newTokenRequests()).toBe(0);
  });

  test("ends at an iss that is not the connection's: the malicious connection does not get the honest code", async () => {
    const honest = 'https://honest.example.com';
    world.provider.on('authorize', ({ query }) => ({
      status: 302,
      headers: { location: `${query.get('redirect_uri')}?code=honest-code&state=${query.get('state')}&iss=${honest}` },
    }));
    const { agent, callbackUrl } = await beginSignIn(world, { connection: 'advertises' });
    await expectPage(world, await agent.get(callbackUrl));
    expect(newTokenRequests()).toBe(0);
  });

  test('ends at the shared callback of a connection that has its own: its codes reach nobody else', async () => {
    const { agent, callbackUrl } = await beginSignIn(world, { connection: 'apart' });
    const own = (await world.broker.store.connections.list()).find(({ name }) => name === 'apart');
    expect(new URL(callbackUrl).pathname).toBe(`/login/callback/${own?.id}`);
    await expectPage(world, await agent.get(callbackUrl.replace(`/${own?.id}`, '')));
    expect(newTokenRequests()).toBe(0);
    const again = await beginSignIn(world, { connection: 'apart' });
    expect(answerParameters(await again.agent.get(again.callbackUrl)).code).toMatch(/^ac_/);
  });

  test('passes at the callback of the right connection', async () => {
    const own = (await world.broker.store.connections.list()).find(({ name }) => name === 'scripted');
    const { agent, callbackUrl } = await beginSignIn(world, { connection: 'scripted' });
    const answer = await agent.get(callbackUrl.replace('/login/callback', `/login/callback/${own?.id}`));
    expect(answerParameters(answer).code).toMatch(/^ac_/);
  });
});

describe('UP-10 the iss of an answer', () => {
  const issuer = () => world.provider.issuer;
  test.each([
    ['is foreign', (url: string) => changed(url, { iss: 'https://evil.example.com' })],
    ['has a slash more', (url: string) => changed(url, { iss: `${issuer()}/` })],
    ['is empty', (url: string) => changed(url, { iss: '' })],
    ['is sent twice', (url: string) => `${changed(url, { iss: issuer() })}&iss=${encodeURIComponent(issuer())}`],
    ['is missing although the upstream promises it', (url: string) => url],
  ])('is refused when it %s', async (_, change) => {
    const { agent, callbackUrl } = await beginSignIn(world, { connection: 'advertises' });
    await expectPage(world, await agent.get(change(callbackUrl)));
    expect(newTokenRequests()).toBe(0);
  });

  test("is accepted when it is the connection's, to the letter", async () => {
    const { agent, callbackUrl } = await beginSignIn(world, { connection: 'advertises' });
    expect(answerParameters(await agent.get(changed(callbackUrl, { iss: issuer() }))).code).toMatch(/^ac_/);
  });
});

describe('UP-12 an ID token', () => {
  const answerWith = (claims: (nonce: string) => JWTPayload) => {
    let nonce = '';
    world.provider.on('authorize', ({ query }) => {
      nonce = query.get('nonce') ?? '';
      return undefined;
    });
    world.provider.on('token', async () => ({
      body: { access_token: 'at-fixed-for-nonce', id_token: await world.provider.signIdToken(claims(nonce)) },
    }));
    world.provider.on('userinfo', () => ({ body: { id: 'user-1' } }));
  };
  afterEach(() => world.provider.on('userinfo', undefined));

  test.each([
    ['without nonce', () => ({})],
    ['with another nonce', () => ({ nonce: 'other' })],
    ['with the nonce in another case', (nonce: string) => ({ nonce: swapCase(nonce) })],
    ['with a list around the nonce', (nonce: string) => ({ nonce: [nonce] }) as unknown as JWTPayload],
  ])('%s is refused where we sent a nonce', async (_, claims) => {
    answerWith(claims);
    const { agent, callbackUrl } = await beginSignIn(world, { connection: 'openid' });
    const [event] = await eventsSince(world, async () => {
      expectErrorRedirect(world, await agent.get(callbackUrl), { error: 'invalid_request' });
    });
    expect(event?.details).toMatchObject({ step: 'id_token' });
    expect(agent.cookies.has('auth0')).toBe(false);
  });

  test('with the right nonce is accepted', async () => {
    answerWith((nonce) => ({ nonce }));
    const { agent, callbackUrl } = await beginSignIn(world, { connection: 'openid' });
    expect(answerParameters(await agent.get(callbackUrl)).code).toMatch(/^ac_/);
  });
});

describe('UP-16 an error of the upstream', () => {
  const hostile = {
    error_description: '<script>alert(document.cookie)</script>',
    error_uri: 'javascript:alert(1)',
  };
  test.each([
    ['access_denied', { error: 'access_denied', description: 'User did not authorize the request' }],
    ['server_error', { error: 'access_denied', description: 'The provider refused the sign-in' }],
    ['"><img src=x onerror=alert(1)>', { error: 'access_denied', description: 'The provider refused the sign-in' }],
    ['', { error: 'access_denied', description: 'The provider refused the sign-in' }],
  ])('%j reaches the application in our words, and wins over a code beside it', async (error, expected) => {
    const { agent, callbackUrl } = await beginSignIn(world);
    const [event] = await eventsSince(world, async () => {
      const answer = await agent.get(changed(callbackUrl, { error, ...hostile }));
      expectErrorRedirect(world, answer, expected);
      expect(answer.location).not.toMatch(/%3Cscript|alert|onerror|error_uri/);
    });
    expect(event?.details).toMatchObject({ step: 'denied' });
    expect(JSON.stringify(event)).not.toMatch(/<script|alert\(|onerror=/);
    expect(newTokenRequests()).toBe(0);
    await expectPage(world, await agent.get(callbackUrl));
  });
});

describe('UP-17 an answer by another road', () => {
  test('posted to the callback is a page; the transaction waits for the right one', async () => {
    const { agent, callbackUrl } = await beginSignIn(world);
    const url = new URL(callbackUrl);
    const form = Object.fromEntries(url.searchParams);
    await expectPage(world, await agent.post(world.broker.url('login/callback'), form));
    await expectPage(world, await agent.post(callbackUrl, {}));
    expect(newTokenRequests()).toBe(0);
    expect(answerParameters(await agent.get(callbackUrl)).code).toMatch(/^ac_/);
  });

  test('with tokens in place of a code is refused: no token from a front channel is ever taken', async () => {
    const { agent, callbackUrl } = await beginSignIn(world);
    const idToken = await world.provider.signIdToken();
    const answer = await agent.get(
      changed(callbackUrl, { code: undefined, access_token: 'at-injected', id_token: idToken, token_type: 'Bearer' }),
    );
    expectErrorRedirect(world, answer, { error: 'invalid_request', description: 'failed to obtain access token' });
    expect(newTokenRequests()).toBe(0);
    expect(agent.cookies.has('auth0')).toBe(false);
  });
});

test.each([301, 302, 307, 308])(
  'UP-20 a token endpoint that answers %i is not followed, and the secret stays',
  async (status) => {
    const seen: string[] = [];
    const attacker = await listen(
      createServer((request, response) => {
        seen.push(request.url ?? '');
        response.end(JSON.stringify({ access_token: 'at-of-the-attacker' }));
      }),
    );
    world.provider.on('token', () => ({ status, headers: { location: `${attacker.url}/token` } }));
    const { agent, callbackUrl } = await beginSignIn(world);
    expectErrorRedirect(world, await agent.get(callbackUrl), {
      error: 'invalid_request',
      description: 'failed to obtain access token',
    });
    expect(seen).toEqual([]);
    expect(newTokenRequests()).toBe(1);
  },
);

const swapCase = (text: string): string =>
  [...text].map((letter) => (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase())).join('');

test('UP-17 a browser that is sent back without anything gets a page', async () => {
  await expectPage(world, await createAgent().get(world.broker.url('login/callback')));
});
