import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../support/broker.ts';
import { findChromium } from '../support/chromium.ts';
import { type PageApp, servePageApp } from '../support/page-app.ts';
import { startWorld, type World } from '../support/world.ts';

/*
 * Browsers as they are: an application and a broker on two sites, over https. A profile of Chromium lets a frame have the
 * broker's cookies; a private window blocks them, as other browsers always do.
 */

let world: World;
let app: PageApp;
let origin: string;
let tlsDir: string;
const cleanups: (() => unknown)[] = [];

beforeAll(async () => {
  tlsDir = mkdtempSync(join(tmpdir(), 'portico-browsers-'));
  const [port, appPort] = [await freePort(), await freePort()];
  origin = `https://app.northwind.test:${appPort}`;
  const issuer = `https://login.portico.test:${port}/`;
  world = await startWorld({
    environment: {
      PORTICO_TLS: 'self-signed',
      PORTICO_TLS_DIR: tlsDir,
      PORTICO_PORT: String(port),
      PORTICO_ISSUER: issuer,
    },
    change(seed) {
      const spa = seed.clients.find(({ client_id }) => client_id === 'spa');
      Object.assign(spa ?? {}, { callbacks: [origin], web_origins: [origin], allowed_logout_urls: [origin] });
    },
  });
  const settings = { domain: issuer.slice(0, -1), clientId: 'spa', authorizationParams: { redirect_uri: origin } };
  app = await servePageApp({
    port: appPort,
    certificate: {
      cert: readFileSync(join(tlsDir, 'server.pem')),
      key: readFileSync(join(tlsDir, 'server-key.pem')),
    },
    script: `
      import { Auth0Client } from '@auth0/auth0-spa-js';
      globalThis.client = new Auth0Client(${JSON.stringify(settings)});
      globalThis.tokenOrError = () => client.getTokenSilently().then(() => 'a token', (error) => error.error);
    `,
  });
});
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});
afterAll(async () => {
  await app?.close();
  await world?.close();
  rmSync(tlsDir, { recursive: true, force: true });
});

const options = () => ({
  executablePath: findChromium(),
  args: ['--no-sandbox', '--host-resolver-rules=MAP *.test localhost'],
  ignoreHTTPSErrors: true,
});

async function openProfile(): Promise<BrowserContext> {
  const directory = mkdtempSync(join(tmpdir(), 'portico-profile-'));
  mkdirSync(join(directory, 'Default'));
  writeFileSync(join(directory, 'Default', 'Preferences'), JSON.stringify({ profile: { cookie_controls_mode: 0 } }));
  const context = await chromium.launchPersistentContext(directory, options());
  cleanups.push(async () => {
    await context.close();
    rmSync(directory, { recursive: true, force: true });
  });
  return context;
}

async function openPrivateWindow(): Promise<BrowserContext> {
  const { ignoreHTTPSErrors, ...launch } = options();
  const browser = await chromium.launch(launch);
  cleanups.push(() => browser.close());
  return browser.newContext({ ignoreHTTPSErrors });
}

async function openApp(context: BrowserContext): Promise<Page> {
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  await page.goto(origin);
  return page;
}

/** To the page where the connection is picked. */
async function startSignIn(page: Page): Promise<void> {
  await page.evaluate('void client.loginWithRedirect()');
  await page.getByRole('button', { name: 'Mapped provider' }).waitFor();
}

async function finishSignIn(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Mapped provider' }).click();
  await page.waitForURL(/[?&]code=/);
  await page.evaluate('client.handleRedirectCallback()');
}

async function signIn(page: Page): Promise<void> {
  await startSignIn(page);
  await finishSignIn(page);
}

const subjectOf = (page: Page): Promise<unknown> => page.evaluate('client.getUser().then((user) => user?.sub)');
const saysThatItIsLost = (page: Page): Promise<void> =>
  page.getByRole('paragraph').filter({ hasText: "we couldn't find your session" }).waitFor();

describe('a silent sign-in across sites', () => {
  test('gets a token where the browser lets a frame have the cookies', async () => {
    const context = await openProfile();
    const page = await openApp(context);
    await signIn(page);
    await page.goto(origin);
    expect(await page.evaluate('tokenOrError()')).toBe('a token');
    const cookies = await context.cookies(world.broker.issuerUrl);
    expect(cookies.every(({ secure, name }) => secure && name.startsWith('__Host-'))).toBe(true);
    // What a frame needs is the session, and that alone.
    expect(cookies.filter(({ sameSite }) => sameSite === 'None').map(({ name }) => name)).toEqual(['__Host-auth0']);
  });

  test('is login_required where it does not, and redirect and popup still find the session', async () => {
    const page = await openApp(await openPrivateWindow());
    await signIn(page);
    const before = world.provider.counts.authorize;
    await page.goto(origin);
    expect(await page.evaluate('tokenOrError()')).toBe('login_required');
    await page.evaluate('client.loginWithPopup()');
    expect(await subjectOf(page)).toBe('oauth2|mapped|user-1');
    await page.goto(origin);
    await page.evaluate('void client.loginWithRedirect()');
    await page.waitForURL(/[?&]code=/);
    expect(world.provider.counts.authorize).toBe(before);
  });
});

describe('one browser', () => {
  let context: BrowserContext;
  beforeAll(async () => {
    const { ignoreHTTPSErrors, ...launch } = options();
    const browser = await chromium.launch(launch);
    context = await browser.newContext({ ignoreHTTPSErrors });
  });
  afterEach(() => context.clearCookies());
  afterAll(() => context?.browser()?.close());

  test('the back button after a sign-in: the page that was left cannot be used twice, and says what to do', async () => {
    const page = await openApp(context);
    await signIn(page);
    await page.goBack();
    await saysThatItIsLost(page);
    await page.goto(origin);
    await page.evaluate('void client.loginWithRedirect()');
    await page.waitForURL(/[?&]code=/);
  });

  test('two tabs: both sign-ins that were begun can be finished', async () => {
    const [first, second] = [await openApp(context), await openApp(context)];
    await startSignIn(first);
    await startSignIn(second);
    await finishSignIn(first);
    await finishSignIn(second);
    expect([await subjectOf(first), await subjectOf(second)]).toEqual(Array(2).fill('oauth2|mapped|user-1'));
  });

  test('a cookie that was lost on the way: a page says so, and nothing reaches the application', async () => {
    const page = await openApp(context);
    await startSignIn(page);
    await context.clearCookies();
    await page.getByRole('button', { name: 'Mapped provider' }).click();
    await saysThatItIsLost(page);
    expect(page.url().startsWith(world.broker.issuerUrl)).toBe(true);
  });
});
