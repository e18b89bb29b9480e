import { createHash, randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { closeAll, listen } from '../listen.ts';
import { createProvider } from './provider.ts';
import { hilltop, type Service, streamline } from './service.ts';

const redirectUri = 'http://localhost:3000/login/callback';
const services = {
  streamline: streamline({ id: 'streamline-client', secret: 'a:secret/with+signs' }, redirectUri),
  hilltop: hilltop({ id: 'hilltop-client', secret: 'other secret' }, redirectUri),
};
const everyScope = (service: Service) => Object.keys(service.scopes).join(' ');
const challengeOf = (verifier: string) => createHash('sha256').update(verifier).digest('base64url');

const portOf = (server: Server | undefined): number | undefined => (server?.address() as AddressInfo | undefined)?.port;

let servers: Server[] = [];
let base = '';
let nowMs = 0;

beforeEach(async () => {
  nowMs = Date.UTC(2026, 0, 1);
  const app = createProvider({
    services: Object.values(services),
    publicUrl: 'http://localhost:3003',
    accessTokenSeconds: 3600,
    now: () => nowMs,
    token: () => randomBytes(16).toString('base64url'),
  });
  servers = await listen(app, 0);
  base = `http://127.0.0.1:${portOf(servers[0])}`;
});
afterEach(() => closeAll(servers));

const post = (path: string, body: Record<string, string>, headers: Record<string, string> = {}) =>
  fetch(base + path, { method: 'POST', body: new URLSearchParams(body), headers, redirect: 'manual' });

/** What a person sees after a page: the hidden handle of its form. */
async function handleOf(response: Response): Promise<string> {
  const [, handle = ''] = /name="handle" value="([^"]+)"/.exec(await response.text()) ?? [];
  expect(handle).not.toBe('');
  return handle;
}

const authorize = (service: Service, parameters: Record<string, string> = {}) =>
  fetch(
    `${base}${service.authorizePath}?${new URLSearchParams({
      response_type: 'code',
      client_id: service.client.id,
      redirect_uri: redirectUri,
      scope: everyScope(service),
      state: 'a state & more',
      ...parameters,
    })}`,
    { redirect: 'manual' },
  );

type Choices = { parameters?: Record<string, string>; username?: string; password?: string; decision?: string };

async function answerOf(service: Service, choices: Choices = {}): Promise<URLSearchParams> {
  const { username = 'mira', password = 'lantern-42', decision = 'allow', parameters = {} } = choices;
  const login = await authorize(service, parameters);
  const consent = await post(service.loginPath, { handle: await handleOf(login), username, password });
  const done = await post(service.consentPath, { handle: await handleOf(consent), decision });
  expect(done.status).toBe(303);
  const location = new URL(done.headers.get('location') ?? '');
  expect(location.origin + location.pathname).toBe(redirectUri);
  return location.searchParams;
}

const codeFor = async (service: Service, choices: Choices = {}) => (await answerOf(service, choices)).get('code') ?? '';

const redeem = (service: Service, code: string, more: Record<string, string> = {}) =>
  post(service.tokenPath, {
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri,
    client_id: service.client.id,
    client_secret: service.client.secret,
    ...more,
  });

const refresh = (service: Service, refreshToken: string) =>
  post(service.tokenPath, {
    grant_type: 'refresh_token',
    refresh_token: refreshToken,
    client_id: service.client.id,
    client_secret: service.client.secret,
  });

type Tokens = { access_token: string; refresh_token: string; expires_in: number; token_type: string; scope: string };
async function tokensFor(service: Service, choices: Choices = {}): Promise<Tokens> {
  return (await redeem(service, await codeFor(service, choices))).json() as Promise<Tokens>;
}

const get = (path: string, token: string) => fetch(base + path, { headers: { authorization: `Bearer ${token}` } });
const errorOf = async (response: Response) => [response.status, ((await response.json()) as { error: string }).error];

describe.each(Object.values(services))('$name', (service) => {
  test('a person signs in and allows it: the code comes back with the state and buys tokens', async () => {
    const verifier = randomBytes(32).toString('base64url');
    const answer = await answerOf(service, {
      parameters: { code_challenge: challengeOf(verifier), code_challenge_method: 'S256' },
    });
    expect(answer.get('state')).toBe('a state & more');
    const response = await redeem(service, answer.get('code') ?? '', { code_verifier: verifier });
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toMatchObject({ token_type: 'Bearer', expires_in: 3600, scope: everyScope(service) });
  });

  test('a code is redeemed once; the second try fails and revokes what the first gave', async () => {
    const code = await codeFor(service);
    const tokens = (await (await redeem(service, code)).json()) as Tokens;
    expect(await errorOf(await redeem(service, code))).toEqual([400, 'invalid_grant']);
    expect(await errorOf(await refresh(service, tokens.refresh_token))).toEqual([400, 'invalid_grant']);
  });

  test('a code is gone after a minute', async () => {
    const code = await codeFor(service);
    nowMs += 60_000;
    expect(await errorOf(await redeem(service, code))).toEqual([400, 'invalid_grant']);
  });

  test.each([
    [
      'another verifier',
      { code_challenge: challengeOf('x'.repeat(43)), code_challenge_method: 'S256' },
      'y'.repeat(43),
    ],
    ['no verifier', { code_challenge: challengeOf('x'.repeat(43)), code_challenge_method: 'S256' }, undefined],
    ['a verifier without a challenge', undefined, 'y'.repeat(43)],
  ])('%s is refused', async (_what, challenge, verifier) => {
    const code = await codeFor(service, challenge ? { parameters: challenge } : {});
    const response = await redeem(service, code, verifier === undefined ? {} : { code_verifier: verifier });
    expect(await errorOf(response)).toEqual([400, 'invalid_grant']);
  });

  test('the redirect URI at the token endpoint must be the one of the authorization', async () => {
    const response = await redeem(service, await codeFor(service), { redirect_uri: `${redirectUri}/` });
    expect(await errorOf(response)).toEqual([400, 'invalid_grant']);
  });

  test('the client proves itself by post or basic, and not with a wrong secret', async () => {
    const wrong = await redeem(service, await codeFor(service), { client_secret: 'wrong' });
    expect(await errorOf(wrong)).toEqual([401, 'invalid_client']);
    const { id, secret } = service.client;
    const basic = Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64');
    const right = await post(
      service.tokenPath,
      { grant_type: 'authorization_code', code: await codeFor(service), redirect_uri: redirectUri },
      { authorization: `Basic ${basic}` },
    );
    expect(right.status).toBe(200);
  });

  test('a refresh token is used once; a second use revokes its whole family', async () => {
    const first = await tokensFor(service);
    const second = (await (await refresh(service, first.refresh_token)).json()) as Tokens;
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect(await errorOf(await refresh(service, first.refresh_token))).toEqual([400, 'invalid_grant']);
    expect(await errorOf(await refresh(service, second.refresh_token))).toEqual([400, 'invalid_grant']);
  });

  test('who denies sends access_denied and the state back', async () => {
    const answer = await answerOf(service, { decision: 'deny' });
    expect([answer.get('error'), answer.get('state'), answer.get('code')]).toEqual([
      'access_denied',
      'a state & more',
      null,
    ]);
  });

  test('a wrong password shows the sign-in page again and lets the person try anew', async () => {
    const wrong = await post(service.loginPath, {
      handle: await handleOf(await authorize(service)),
      username: 'mira',
      password: 'meadow-88',
    });
    expect(wrong.status).toBe(401);
    const again = { handle: await handleOf(wrong), username: 'mira', password: 'lantern-42' };
    expect((await post(service.loginPath, again)).status).toBe(200);
    expect((await post(service.loginPath, again)).status).toBe(400);
  });

  test.each([
    ['an unknown client', { client_id: 'somebody' }],
    ['an unregistered redirect URI', { redirect_uri: `${redirectUri}?x=1` }],
  ])('%s gets a page and no redirect', async (_what, parameters) => {
    const response = await authorize(service, parameters);
    expect([response.status, response.headers.get('location')]).toEqual([400, null]);
  });

  test.each([
    ['unsupported_response_type', { response_type: 'token' }],
    ['invalid_scope', { scope: 'everything' }],
    ['invalid_request', { code_challenge: 'x'.repeat(43), code_challenge_method: 'plain' }],
  ])('%s goes back to the application', async (error, parameters) => {
    const response = await authorize(service, parameters);
    expect(new URL(response.headers.get('location') ?? '').searchParams.get('error')).toBe(error);
  });

  test('a token of one service means nothing to the other, or to its token endpoint', async () => {
    const other = service === services.streamline ? services.hilltop : services.streamline;
    const tokens = await tokensFor(service);
    const path = other === services.hilltop ? '/hulu/v1/users/me' : '/netflix/v1/users/current';
    expect((await get(path, tokens.access_token)).status).toBe(401);
    expect(await errorOf(await refresh(other, tokens.refresh_token))).toEqual([400, 'invalid_grant']);
  });
});

describe('the APIs', () => {
  test('Streamline answers in the fields of the guide’s script', async () => {
    const { access_token: token } = await tokensFor(services.streamline);
    expect(await (await get('/netflix/v1/users/current', token)).json()).toEqual({
      accountId: '10482211',
      profileId: 'p-1',
      displayName: 'Mira Okafor',
      profileName: 'mira',
      email: 'mira.okafor@example.com',
      emailVerified: true,
      avatar: { url: 'http://localhost:3003/avatars/mira.svg' },
      language: 'en-GB',
      countryCode: 'GB',
      planType: 'premium',
      maturityLevel: 'adult',
      preferences: { genres: ['Documentary', 'Science fiction'] },
      membershipStartDate: '2019-03-14',
    });
    const { viewedItems } = (await (
      await get('/netflix/v1/users/current/viewing-activity?limit=2&pg=1', token)
    ).json()) as { viewedItems: Record<string, unknown>[] };
    expect(viewedItems).toHaveLength(2);
    expect(Object.keys(viewedItems[0] ?? {})).toEqual(['titleId', 'title', 'date', 'duration', 'seriesTitle']);
  });

  test('Streamline pages through a long history', async () => {
    const { access_token: token } = await tokensFor(services.streamline, { username: 'ines', password: 'harbour-17' });
    const sizes = [0, 1, 2].map(async (page) => {
      const answer = await get(`/netflix/v1/users/current/viewing-activity?limit=50&pg=${page}`, token);
      return ((await answer.json()) as { viewedItems: unknown[] }).viewedItems.length;
    });
    expect(await Promise.all(sizes)).toEqual([50, 14, 0]);
  });

  test('Hilltop gives the id as a number with every digit', async () => {
    const { access_token: token } = await tokensFor(services.hilltop, { username: 'ines', password: 'harbour-17' });
    expect(await (await get('/hulu/v1/users/me', token)).text()).toBe(
      '{"userId":9007199254740993,"userName":"Inês Duarte","userEmail":"ines.duarte@example.com","profileImage":"http://localhost:3003/avatars/ines.svg"}',
    );
  });

  test('a resource wants its scope, and the email address one of its own', async () => {
    const { access_token: token } = await tokensFor(services.streamline, { parameters: { scope: 'user.read' } });
    expect(await (await get('/netflix/v1/users/current', token)).json()).not.toHaveProperty('email');
    const refused = await get('/netflix/v1/users/current/viewing-activity', token);
    expect(refused.headers.get('www-authenticate')).toBe('Bearer error="insufficient_scope", scope="viewing.history"');
    expect(refused.status).toBe(403);
  });

  test('an access token ends after its hour, and a refreshed one goes on', async () => {
    const tokens = await tokensFor(services.streamline);
    nowMs += 3_600_000;
    expect((await get('/netflix/v1/users/me', tokens.access_token)).status).toBe(401);
    const renewed = (await (await refresh(services.streamline, tokens.refresh_token)).json()) as Tokens;
    expect((await get('/netflix/v1/users/me', renewed.access_token)).status).toBe(200);
  });
});
