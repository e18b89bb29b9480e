import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import {
  type DemoFile,
  type DemoPlace,
  type DemoRun,
  makeDemoPlace,
  readDemoFile,
  removeDemoPlace,
  startDemo,
} from './demo-process.ts';

let place: DemoPlace;
let demo: DemoRun;
let file: DemoFile;
let browser: Browser;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  place = await makeDemoPlace();
  demo = startDemo(place);
  await demo.ready;
  file = readDemoFile(place);
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  await demo?.stop();
  removeDemoPlace(place);
});
beforeEach(async () => {
  context = await browser.newContext();
  context.setDefaultTimeout(20_000);
  page = await context.newPage();
});
afterEach(() => context.close());

/** The addresses of the pages and frames that a piece of work went to. */
async function visitsDuring(work: () => Promise<void>): Promise<string[]> {
  const visits: string[] = [];
  const note = (request: { isNavigationRequest(): boolean; url(): string }) => {
    if (request.isNavigationRequest()) visits.push(request.url());
  };
  page.on('request', note);
  await work();
  page.off('request', note);
  return visits;
}

async function signInAtService(username: string, password: string): Promise<void> {
  await page.getByLabel('User name').fill(username);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Allow' }).click();
  await page.getByTestId('signed-in').waitFor();
}

async function signIn(connection: string, username = 'mira', password = 'lantern-42'): Promise<void> {
  await page.goto(file.app_url);
  await page.getByTestId(`sign-in-${connection}`).click();
  await signInAtService(username, password);
}

/** The answer that stands there after a button's work is done. */
async function answerAfter(button: string, beginning: string): Promise<string> {
  await page.getByTestId(button).click();
  await page.getByTestId('answer').filter({ hasText: beginning }).waitFor();
  return (await page.getByTestId('answer').textContent()) ?? '';
}

describe('a person at a browser', () => {
  test('signs in through the connection with a profile script and sees what they watched', async () => {
    await signIn('netflix-custom');
    expect(await page.getByTestId('name').textContent()).toBe('Mira Okafor');
    expect(await page.getByTestId('claim-sub').textContent()).toBe('oauth2|netflix-custom|netflix|10482211');
    expect(await page.getByTestId('claim-email').textContent()).toBe('mira.okafor@example.com');
    expect(await page.getByTestId('claim-email_verified').textContent()).toBe('true');
    const rows = page.getByTestId('history').locator('tbody tr');
    expect(await rows.count()).toBe(7);
    expect(await rows.first().innerText()).toMatch(/The Quiet Orbit\s+31 Oct 2026\s+118/);
  });

  test('signs in through the connection with a mapping; a long id keeps its last digit', async () => {
    await signIn('hulu-custom', 'ines', 'harbour-17');
    expect(await page.getByTestId('name').textContent()).toBe('Inês Duarte');
    expect(await page.getByTestId('claim-sub').textContent()).toBe('oauth2|hulu-custom|9007199254740993');
    expect(await page.getByTestId('no-history').isVisible()).toBe(true);
  });

  test('chooses a connection on the sign-in page of Portico', async () => {
    await page.goto(file.app_url);
    await page.getByTestId('sign-in').click();
    await page
      .getByRole('button', { name: 'Hulu (demo)' })
      .or(page.getByRole('link', { name: 'Hulu (demo)' }))
      .click();
    await signInAtService('tomas', 'meadow-88');
    expect(await page.getByTestId('claim-sub').textContent()).toBe('oauth2|hulu-custom|9007199254740992');
  });

  test('calls the API with the access token, which names the API and the person', async () => {
    await signIn('netflix-custom');
    const said = await answerAfter('call-api', 'The API answered');
    const [status, ...body] = said.split('\n');
    expect(status).toBe('The API answered 200');
    expect(JSON.parse(body.join('\n'))).toMatchObject({
      userId: 'oauth2|netflix-custom|netflix|10482211',
      issuer: file.issuer,
      audience: ['https://api.streaming.example/', `${file.issuer}userinfo`],
      client: file.spa.client_id,
    });
  });

  test('gets a new token in a hidden frame, without leaving the page and without the service', async () => {
    await signIn('netflix-custom');
    let said = '';
    const visits = await visitsDuring(async () => {
      said = await answerAfter('renew', 'Renewed');
    });
    expect(said).toContain('The new token lives for 86400 seconds.');
    expect(visits).toHaveLength(1);
    expect(visits[0]).toMatch(new RegExp(`^${file.issuer}authorize\\?.*response_mode=web_message`));
    expect(visits[0]).toContain('prompt=none');
    expect(page.url()).toBe(`${file.app_url}/`);
  });

  test('a second sign-in uses the session: no page of the service, no page of Portico', async () => {
    await signIn('netflix-custom');
    const again = await context.newPage();
    await page.close();
    page = again;
    // As an application that has forgotten everything: only the cookies of Portico are left.
    const cookies = (await context.cookies()).filter((cookie) => !cookie.name.includes('is.authenticated'));
    await context.clearCookies();
    await context.addCookies(cookies);
    await page.goto(file.app_url);
    const visits = await visitsDuring(async () => {
      await page.getByTestId('sign-in-netflix-custom').click();
      await page.getByTestId('signed-in').waitFor();
    });
    expect(visits.some((url) => url.startsWith(`${file.issuer}authorize?`))).toBe(true);
    expect(visits.filter((url) => url.startsWith(file.provider_url))).toEqual([]);
    expect(await page.getByTestId('name').textContent()).toBe('Mira Okafor');
  });

  test('stays signed in when the page is loaded again', async () => {
    await signIn('netflix-custom');
    await page.reload();
    await page.getByTestId('signed-in').waitFor();
    expect(await page.getByTestId('name').textContent()).toBe('Mira Okafor');
  });

  test('signs out: the application and Portico forget; the next sign-in asks at the service again', async () => {
    await signIn('netflix-custom');
    await page.getByTestId('sign-out').click();
    await page.getByTestId('signed-out').waitFor();
    expect(page.url().replace(/\/$/, '')).toBe(file.app_url);
    await page.getByTestId('sign-in-netflix-custom').click();
    await page.getByLabel('User name').waitFor();
    expect(page.url().startsWith(file.provider_url)).toBe(true);
  });

  test('who denies at the service is back in the application, which says so in words of ours', async () => {
    await page.goto(file.app_url);
    await page.getByTestId('sign-in-netflix-custom').click();
    await page.getByLabel('User name').fill('mira');
    await page.getByLabel('Password').fill('lantern-42');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Deny' }).click();
    await page.getByTestId('problem').waitFor();
    expect(await page.getByTestId('problem-text').textContent()).not.toContain('The person did not allow it');
    await page.getByTestId('try-again').click();
    await page.getByTestId('signed-out').waitFor();
  });
});

describe('the API', () => {
  test.each([
    ['no token', undefined, 401],
    ['something that is no token', 'Bearer something', 401],
  ])('refuses %s', async (_what, authorization, status) => {
    const response = await fetch(`${file.api_url}/api/profile`, {
      headers: authorization === undefined ? {} : { authorization },
    });
    expect(response.status).toBe(status);
  });

  test('refuses a token for another audience', async () => {
    const { client_id, client_secret } = file.management;
    const granted = await fetch(`${file.issuer}oauth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        grant_type: 'client_credentials',
        client_id,
        client_secret,
        audience: `${file.issuer}api/v2/`,
      }),
    });
    expect(granted.status).toBe(200);
    const { access_token: token } = (await granted.json()) as { access_token: string };
    const response = await fetch(`${file.api_url}/api/profile`, { headers: { authorization: `Bearer ${token}` } });
    expect(response.status).toBe(401);
  });
});
