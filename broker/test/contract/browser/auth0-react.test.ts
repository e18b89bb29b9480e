import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { launchChromium } from '../../support/chromium.ts';
import { brokenAnswer, brokenConnection, clientId, connection, subject, useContract } from '../../support/contract.ts';
import { type PageApp, servePageApp } from '../../support/page-app.ts';

/* `@auth0/auth0-react` in an application with a public and a private page. */

const getWorld = useContract({
  isSecure: false,
  client: { app_type: 'spa', refresh_token: { rotation_type: 'rotating', expiration_type: 'expiring' } },
});

let app: PageApp;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  const { app: origin, appPort, issuer, broker } = getWorld();
  const settings = {
    domain: issuer.slice(0, -1),
    clientId,
    useRefreshTokens: true,
    cacheLocation: 'localstorage',
    authorizationParams: { redirect_uri: origin },
    userinfo: broker.url('userinfo'),
    connections: [connection, brokenConnection],
  };
  const source = JSON.stringify(join(import.meta.dirname, 'react-app.jsx'));
  app = await servePageApp({
    port: appPort,
    script: `globalThis.settings = ${JSON.stringify(settings)}; require(${source});`,
  });
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  await app?.close();
});
beforeEach(async () => {
  const context = await browser.newContext();
  context.setDefaultTimeout(15_000);
  page = await context.newPage();
  await page.goto(getWorld().app);
});
afterEach(() => page.context().close());

const press = (name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click();
const sees = (name: string): Promise<void> => page.getByRole('heading', { name, exact: true }).waitFor();

test('sign-in, a renewed token at userinfo, and sign-out', async () => {
  await press(`Sign in with ${connection}`);
  await sees('Ada Lovelace');
  expect(page.url()).toBe(`${getWorld().app}/`);
  expect(await page.getByTestId('sub').textContent()).toBe(subject);
  const renewal = page.waitForRequest((request) => (request.postData() ?? '').includes('grant_type=refresh_token'));
  await press('Ask userinfo');
  await renewal;
  await page
    .getByRole('status')
    .filter({ hasText: `200 ${subject}` })
    .waitFor();
  await press('Sign out');
  await sees('Nobody');
  await page.reload();
  await sees('Nobody');
});

test('sign-in in a popup', async () => {
  await press('Sign in with a popup');
  await sees('Ada Lovelace');
});

test('a private page sends to the sign-in and is there afterwards', async () => {
  await page.goto(`${getWorld().app}/private`);
  await sees('Private');
  expect(page.url()).toBe(`${getWorld().app}/private`);
});

test('a failed sign-in is an AuthenticationError with our code and description', async () => {
  await press(`Sign in with ${brokenConnection}`);
  const told = await page.getByRole('alert').textContent();
  expect(told).toBe(`AuthenticationError ${brokenAnswer.error} ${brokenAnswer.description}`);
});
