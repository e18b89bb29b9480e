import { decodeJwt } from 'jose';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { launchChromium } from '../../support/chromium.ts';
import {
  brokenAnswer,
  brokenConnection,
  clientId,
  connection,
  otherAudience,
  subject,
  useContract,
} from '../../support/contract.ts';
import { type PageApp, servePageApp } from '../../support/page-app.ts';
import { audience, postToken } from '../../support/world.ts';

/* `@auth0/auth0-spa-js` in a page of its own, on http and localhost as during development. */

const getWorld = useContract({
  isSecure: false,
  client: {
    app_type: 'spa',
    refresh_token: {
      rotation_type: 'rotating',
      expiration_type: 'expiring',
      policies: [{ audience: otherAudience, scope: ['read:others'] }],
    },
  },
});

let app: PageApp;
let browser: Browser;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  app = await servePageApp({
    port: getWorld().appPort,
    script: `
      import * as sdk from '@auth0/auth0-spa-js';
      globalThis.sdk = sdk;
      /** What an application would show of an error. */
      globalThis.failureOf = (work) => work().then(() => undefined, (error) => ({
        type: Object.keys(sdk).find((name) => error.constructor === sdk[name]),
        error: error.error, description: error.error_description, state: error.state,
      }));
    `,
  });
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  await app?.close();
});
beforeEach(async () => {
  context = await browser.newContext();
  context.setDefaultTimeout(15_000);
  page = await context.newPage();
});
afterEach(() => context.close());

const { stringify } = JSON;

/** Opens the application with a client as it is made there; `client` is its name on the page. */
async function openApp(options: Readonly<Record<string, unknown>> = {}): Promise<void> {
  await page.goto(getWorld().app);
  await makeClient(options);
}

async function makeClient({ authorizationParams = {}, ...options }: Readonly<Record<string, unknown>> = {}) {
  const { issuer, app: origin } = getWorld();
  const parameters = { redirect_uri: origin, connection, audience, ...(authorizationParams as object) };
  const settings = { domain: issuer.slice(0, -1), clientId, authorizationParams: parameters, ...options };
  await page.evaluate(`globalThis.client = new sdk.Auth0Client(${stringify(settings)}), undefined`);
}

/** By redirect, to the page with tokens. */
async function signIn(options: Readonly<Record<string, unknown>> = {}): Promise<void> {
  await openApp(options);
  await page.evaluate(`void client.loginWithRedirect({ appState: { target: '/shows' } })`);
  await page.waitForURL(/[?&]code=/);
  await makeClient(options);
  expect(await page.evaluate('client.handleRedirectCallback()')).toMatchObject({ appState: { target: '/shows' } });
}

const tokenSilently = (options: Readonly<Record<string, unknown>> = {}): Promise<string> =>
  page.evaluate(`client.getTokenSilently(${stringify(options)})`);

/** Tokens of one second are equal: like Auth0's they have no id of their own. */
const passASecond = () => getWorld().broker.clock.advance(1);

const statusOfUserinfo = (token: string): Promise<number> =>
  page.evaluate(
    `fetch(${stringify(getWorld().broker.url('userinfo'))}, { headers: { authorization: ${stringify(`Bearer ${token}`)} } })
      .then(({ status }) => status)`,
  );

test('sign-in by redirect: the person, the claims, a token that the API takes', async () => {
  await signIn();
  expect(await page.evaluate('client.isAuthenticated()')).toBe(true);
  expect(await page.evaluate('client.getUser()')).toMatchObject({
    sub: subject,
    name: 'Ada Lovelace',
    email: 'ada@example.com',
    email_verified: true,
  });
  expect(await page.evaluate('client.getIdTokenClaims()')).toMatchObject({ aud: clientId, iss: getWorld().issuer });
  expect(await statusOfUserinfo(await tokenSilently())).toBe(200);
});

test('sign-in in a popup: the page is never left, and the popup closes itself', async () => {
  await openApp();
  const opened = page.waitForEvent('popup');
  const done = page.evaluate('client.loginWithPopup()');
  const popup = await opened;
  await done;
  if (!popup.isClosed()) await popup.waitForEvent('close');
  expect(await page.evaluate('client.getUser()')).toMatchObject({ sub: subject });
  expect(page.url()).toBe(`${getWorld().app}/`);
});

test('a page that was loaded anew finds the session through a hidden frame', async () => {
  await signIn();
  await openApp();
  expect(await page.evaluate('client.isAuthenticated()')).toBe(false);
  const token = await tokenSilently();
  expect(await page.evaluate('client.getUser()')).toMatchObject({ sub: subject });
  passASecond();
  expect(await tokenSilently({ cacheMode: 'off' })).not.toBe(token);
});

test('refresh tokens rotate: each renewal spends one and gets the next, without a frame', async () => {
  const sent: string[] = [];
  page.on('request', (request) => {
    const token = new URLSearchParams(request.postData() ?? '').get('refresh_token');
    if (request.url().endsWith('/oauth/token') && token !== null) sent.push(token);
  });
  const framed: string[] = [];
  await signIn({ useRefreshTokens: true, cacheLocation: 'localstorage' });
  page.on('frameattached', (frame) => framed.push(frame.url()));
  const first = await tokenSilently({ cacheMode: 'off' });
  passASecond();
  const second = await tokenSilently({ cacheMode: 'off' });
  expect(second).not.toBe(first);
  expect(await statusOfUserinfo(second)).toBe(200);
  expect(new Set(sent).size).toBe(2);
  expect(framed).toEqual([]);
  expect(await page.evaluate('client.getIdTokenClaims()')).toMatchObject({ sub: subject });
});

test('a refresh token that was spent elsewhere is no dead end: the library falls back to the session', async () => {
  const options = { useRefreshTokens: true, useRefreshTokensFallback: true, cacheLocation: 'localstorage' };
  await signIn(options);
  const stored = await page.evaluate<string>(`JSON.stringify(localStorage)`);
  await tokenSilently({ cacheMode: 'off' });
  // Another tab, with what this one had before: its token is known to be spent, and its family ends.
  await page.evaluate(`Object.assign(localStorage, JSON.parse(${stringify(stored)})), undefined`);
  await makeClient(options);
  await tokenSilently({ cacheMode: 'off' });
  // Userinfo takes none of the second in which the family ended: JWTs know their second of issue only.
  passASecond();
  expect(await statusOfUserinfo(await tokenSilently({ cacheMode: 'off' }))).toBe(200);
});

test('one refresh token gets tokens for two APIs (useMrrt), without a frame', async () => {
  const framed: string[] = [];
  await signIn({ useRefreshTokens: true, useMrrt: true });
  page.on('frameattached', (frame) => framed.push(frame.url()));
  const other = await tokenSilently({ authorizationParams: { audience: otherAudience, scope: 'read:others' } });
  expect(decodeJwt(other)).toMatchObject({ aud: expect.arrayContaining([otherAudience]), sub: subject });
  expect(decodeJwt(other).scope).toContain('read:others');
  passASecond();
  const again = await tokenSilently({ cacheMode: 'off' });
  expect(decodeJwt(again).aud).toContain(audience);
  expect(framed).toEqual([]);
});

test('revokeRefreshToken ends the refresh token at the broker', async () => {
  await signIn({ useRefreshTokens: true, cacheLocation: 'localstorage' });
  const revoked = page.waitForRequest(
    (request) => request.url().endsWith('/oauth/revoke') && request.method() === 'POST',
  );
  await page.evaluate('client.revokeRefreshToken()');
  const request = await revoked;
  expect((await request.response())?.status()).toBe(200);
  const token =
    new URLSearchParams(request.postData() ?? '').get('token') ?? JSON.parse(request.postData() ?? '{}').token;
  const answer = await postToken(getWorld(), {
    grant_type: 'refresh_token',
    client_id: clientId,
    refresh_token: token,
  });
  expect(answer).toMatchObject({ status: 403, body: { error: 'invalid_grant' } });
});

test('with DPoP every token is bound to a key of the page, renewed ones too', async () => {
  await signIn({ useDpop: true, useRefreshTokens: true });
  passASecond();
  const renewed = await page.evaluate("client.getTokenSilently({ cacheMode: 'off', detailedResponse: true })");
  expect(renewed).toMatchObject({ token_type: 'DPoP' });
  const userinfo = stringify(getWorld().broker.url('userinfo'));
  const statuses = await page.evaluate(`(async () => {
    const bound = await client.createFetcher({ dpopNonceId: 'userinfo' }).fetchWithAuth(${userinfo}, {}, ${stringify({ audience })});
    const token = await client.getTokenSilently();
    const unbound = await fetch(${userinfo}, { headers: { authorization: 'Bearer ' + token } });
    return [bound.status, unbound.status];
  })()`);
  expect(statuses).toEqual([200, 401]);
});

test('a failed sign-in is the error of the library, with our code, description and its own state', async () => {
  await openApp();
  await page.evaluate(`void client.loginWithRedirect({ authorizationParams: { connection: '${brokenConnection}' } })`);
  await page.waitForURL(/[?&]error=/);
  await makeClient();
  expect(await page.evaluate('failureOf(() => client.handleRedirectCallback())')).toEqual({
    type: 'AuthenticationError',
    ...brokenAnswer,
    state: expect.any(String),
  });
});

test('a failed sign-in in a popup is the same error, and the popup closes', async () => {
  await openApp();
  const opened = page.waitForEvent('popup');
  const work = `client.loginWithPopup({ authorizationParams: { connection: '${brokenConnection}' } })`;
  const failure = page.evaluate(`failureOf(() => ${work})`);
  const popup = await opened;
  expect(await failure).toMatchObject({ type: 'GenericError', ...brokenAnswer });
  if (!popup.isClosed()) await popup.waitForEvent('close');
});

test('nobody is signed in: login_required, which the library tells the application', async () => {
  await openApp();
  expect(await page.evaluate('failureOf(() => client.getTokenSilently())')).toEqual({
    type: 'GenericError',
    error: 'login_required',
    description: 'Login required',
  });
  expect(await page.evaluate('client.checkSession().then(() => client.isAuthenticated())')).toBe(false);
});

test('sign-out ends the session and comes back to the application', async () => {
  await signIn();
  await page.evaluate(`void client.logout({ logoutParams: { returnTo: ${stringify(getWorld().app)} } })`);
  await page.waitForURL(`${getWorld().app}/`);
  await makeClient();
  expect(await page.evaluate('failureOf(() => client.getTokenSilently())')).toMatchObject({ error: 'login_required' });
});
