import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { launchChromium } from '../../support/chromium.ts';
import {
  brokenAnswer,
  brokenConnection,
  clientId,
  clientSecret,
  connection,
  subject,
  useContract,
} from '../../support/contract.ts';
import { type PageApp, servePageApp } from '../../support/page-app.ts';
import { postToken } from '../../support/world.ts';

/* `auth0-js`, which takes a domain and adds https to it: page and broker both speak TLS. */

const getWorld = useContract({ isSecure: true, isAppSecure: true });

let app: PageApp;
let browser: Browser;
let context: BrowserContext;
let page: Page;

const { stringify } = JSON;

beforeAll(async () => {
  const { appPort, domain, app: origin, certificate } = getWorld();
  const settings = { domain, clientID: clientId, redirectUri: origin, scope: 'openid profile email' };
  app = await servePageApp({
    port: appPort,
    certificate: certificate(),
    script: `
      import auth0 from 'auth0-js';
      globalThis.webAuth = new auth0.WebAuth(${stringify(settings)});
      /** Calls back with an error, or with a result. */
      globalThis.answerOf = (work) => new Promise((resolve) => work((error, result) => resolve({ error, result })));
    `,
  });
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  await app?.close();
});
beforeEach(async () => {
  context = await browser.newContext({ ignoreHTTPSErrors: true });
  context.setDefaultTimeout(15_000);
  page = await context.newPage();
  await page.goto(getWorld().app);
});
afterEach(() => context.close());

type Answer = {
  readonly error: Readonly<Record<string, unknown>> | null;
  readonly result: Readonly<Record<string, unknown>>;
};

const answerOf = (work: string): Promise<Answer> => page.evaluate(`answerOf((done) => ${work})`);

/** Leaves the page and comes back with an answer in the address. */
async function authorize(parameters: Readonly<Record<string, string>>, until: RegExp): Promise<void> {
  await page.evaluate(`void webAuth.authorize(${stringify({ connection, ...parameters })})`);
  await page.waitForURL(until);
}

async function signIn(): Promise<Answer> {
  await authorize({ responseType: 'token id_token' }, /#access_token=/);
  return answerOf('webAuth.parseHash(done)');
}

test('the implicit flow: signature, nonce and at_hash of the ID token hold, and userinfo takes the access token', async () => {
  const { error, result } = await signIn();
  expect(error).toBeNull();
  expect(result).toMatchObject({
    tokenType: 'Bearer',
    idTokenPayload: { sub: subject, aud: clientId, iss: getWorld().issuer, email: 'ada@example.com' },
  });
  const userinfo = await answerOf(`webAuth.client.userInfo(${stringify(result.accessToken)}, done)`);
  expect(userinfo).toMatchObject({ error: null, result: { sub: subject, name: 'Ada Lovelace' } });
});

test("the code flow: the application's server gets tokens for the code", async () => {
  await authorize({ responseType: 'code', state: 'its-own' }, /[?&]code=/);
  const answer = new URL(page.url()).searchParams;
  expect(answer.get('state')).toBe('its-own');
  const redeemed = await postToken(getWorld(), {
    grant_type: 'authorization_code',
    client_id: clientId,
    client_secret: clientSecret,
    redirect_uri: getWorld().app,
    code: answer.get('code') ?? '',
  });
  expect(redeemed).toMatchObject({ status: 200, body: { token_type: 'Bearer', id_token: expect.any(String) } });
});

test('checkSession renews through a hidden frame', async () => {
  await signIn();
  await page.goto(getWorld().app);
  const { error, result } = await answerOf(`webAuth.checkSession({ responseType: 'token id_token' }, done)`);
  expect(error).toBeNull();
  expect(result).toMatchObject({ idTokenPayload: { sub: subject }, accessToken: expect.any(String) });
});

test('a failed sign-in is the error of parseHash, with code and description', async () => {
  await authorize({ connection: brokenConnection, responseType: 'token id_token' }, /#error=/);
  const { error } = await answerOf('webAuth.parseHash(done)');
  expect(error).toMatchObject({ error: brokenAnswer.error, errorDescription: brokenAnswer.description });
});

test('nobody is signed in: checkSession calls back with login_required', async () => {
  const { error } = await answerOf(`webAuth.checkSession({ responseType: 'token id_token' }, done)`);
  expect(error).toMatchObject({ code: 'login_required', description: 'Login required' });
});

test('sign-out ends the session and comes back to the application', async () => {
  await signIn();
  await page.evaluate(`void webAuth.logout(${stringify({ returnTo: getWorld().app })})`);
  await page.waitForURL((url) => url.href === `${getWorld().app}/`);
  const { error } = await answerOf(`webAuth.checkSession({ responseType: 'token id_token' }, done)`);
  expect(error).toMatchObject({ code: 'login_required' });
});
