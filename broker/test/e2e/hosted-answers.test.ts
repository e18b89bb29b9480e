import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { renderHandoff } from '../../src/http/page-handoff.ts';
import { renderConfirmSignOutPage } from '../../src/issuer/pages/confirm-sign-out-page.ts';
import { renderSignedOutPage } from '../../src/issuer/pages/signed-out-page.ts';
import { renderConsentPage } from '../../src/login/consent/consent-page.ts';
import { renderFormPost } from '../../src/login/pages/form-post-page.ts';
import { renderLoginPage } from '../../src/login/pages/login-page.ts';
import { renderWebMessage } from '../../src/login/pages/web-message-page.ts';
import { launchChromium, openPage } from '../support/chromium.ts';
import { frameOf } from '../support/frames.ts';
import { openSite, type Site } from '../support/site.ts';

const frame = frameOf({ friendlyName: 'Northwind' });

let browser: Browser;
let broker: Site;
let app: Site;
let foreign: Site;

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

beforeEach(async () => {
  [broker, app, foreign] = await Promise.all([openSite(), openSite(), openSite()]);
});
afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
  for (const site of [broker, app, foreign]) site.close();
});

describe.each([true, false])('with JavaScript: %s', (javaScriptEnabled) => {
  test('a connection is chosen, and the browser goes through the upstream to the application', async () => {
    const connection = { name: 'hulu-custom', displayName: 'Hulu', iconUrl: undefined, isLastUsed: false };
    const client = { name: 'Northwind', logoUrl: undefined };
    const choice = {
      frame,
      isSignUp: false,
      client,
      connections: [connection],
      state: 'the-state',
      action: '/u/login',
    };
    broker.pages.set('/login', renderLoginPage(choice));
    broker.pages.set('/u/login', renderHandoff({ frame, href: `${foreign.origin}/upstream`, name: 'Hulu' }));
    foreign.redirects.set('/upstream', `${app.origin}/callback?code=c`);
    const { page, said } = await openPage(browser, { javaScriptEnabled });
    await page.goto(`${broker.origin}/login`);
    await page.getByRole('button', { name: 'Continue with Hulu' }).click();
    await page.waitForURL(`${app.origin}/callback?code=c`);
    const fields = { state: 'the-state', connection: 'hulu-custom' };
    expect(broker.posted).toEqual([{ path: '/u/login', origin: broker.origin, fields }]);
    expect(said).toEqual([]);
  });

  test('signing out is confirmed with the token, from our own origin', async () => {
    const fields = { confirmation: 'the-token' };
    broker.pages.set('/confirm', renderConfirmSignOutPage({ frame, action: '/oidc/logout', fields }));
    broker.pages.set('/oidc/logout', renderSignedOutPage(frame));
    const { page, said } = await openPage(browser, { javaScriptEnabled });
    await page.goto(`${broker.origin}/confirm`);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
    expect(broker.posted).toEqual([{ path: '/oidc/logout', origin: broker.origin, fields }]);
    expect(said).toEqual([]);
  });

  test.each([
    ['Allow', 'allow'],
    ['Decline', 'decline'],
  ])(
    'consent is answered by %s, with the keyboard alone, and the browser goes on to the application',
    async (button, decision) => {
      const page = {
        question: 'consent',
        person: 'Ada',
        scopes: ['openid', 'profile'],
        resourceServer: undefined,
      } as const;
      const client = { name: 'Northwind', logoUrl: undefined };
      const fields = { state: 'the-state', confirmation: 'the-token' };
      broker.pages.set('/consent', renderConsentPage({ frame, client, ...page, fields, action: '/u/consent' }));
      broker.pages.set('/u/consent', renderHandoff({ frame, href: `${app.origin}/callback?x=1`, name: 'Northwind' }));
      const { page: tab, said } = await openPage(browser, { javaScriptEnabled });
      await tab.goto(`${broker.origin}/consent`);
      await tab.getByRole('button', { name: button }).focus();
      await tab.keyboard.press('Enter');
      await tab.waitForURL(`${app.origin}/callback?x=1`);
      expect(broker.posted).toEqual([{ path: '/u/consent', origin: broker.origin, fields: { ...fields, decision } }]);
      expect(said).toEqual([]);
    },
  );

  test('DN-11: form_post brings every field to the application unchanged', async () => {
    const fields = { code: 'c', state: `"><script>alert(1)</script>'&amp; ü`, submit: 'x' };
    broker.pages.set('/authorize', renderFormPost({ frame, action: `${app.origin}/callback`, fields }));
    app.redirects.set('/callback', '/home');
    const { page, said } = await openPage(browser, { javaScriptEnabled });
    await page.goto(`${broker.origin}/authorize`, { waitUntil: 'commit' });
    if (!javaScriptEnabled) await page.getByRole('button', { name: 'Continue' }).click();
    await page.waitForURL(`${app.origin}/home`);
    expect(app.posted.map((posted) => posted.fields)).toEqual([fields]);
    expect(said).toEqual([]);
  });
});

test('form_post reaches an application that redirects to another of its origins, when that one is named', async () => {
  const onwardUrls = [`${foreign.origin}/`];
  broker.pages.set(
    '/authorize',
    renderFormPost({ frame, action: `${app.origin}/callback`, fields: { code: 'c' }, onwardUrls }),
  );
  app.redirects.set('/callback', `${foreign.origin}/home`);
  const { page, said } = await openPage(browser);
  await page.goto(`${broker.origin}/authorize`, { waitUntil: 'commit' });
  await page.waitForURL(`${foreign.origin}/home`);
  expect(said).toEqual([]);
});

describe('DN-11: a web message', () => {
  const response = { code: 'c', state: '</script><script>parent.postMessage("injected","*")</script>' };
  const listen = 'window.got=[];addEventListener("message",(event)=>got.push([event.origin,event.data]))';

  beforeEach(() => {
    broker.pages.set('/message', renderWebMessage({ frame, targetOrigin: app.origin, response }));
  });

  const embed = (page: Page, url: string): Promise<unknown> =>
    page.evaluate(
      `void document.body.append(Object.assign(document.createElement('iframe'),{src:${JSON.stringify(url)}}))`,
    );

  test('reaches the application that frames the page, with our origin', async () => {
    const { page, said } = await openPage(browser);
    await page.goto(app.origin);
    await page.evaluate(listen);
    await embed(page, `${broker.origin}/message`);
    await page.waitForFunction('got.length > 0');
    expect(await page.evaluate('got')).toEqual([[broker.origin, { type: 'authorization_response', response }]]);
    expect(said).toEqual([]);
  });

  test('cannot be framed by another origin', async () => {
    const { page } = await openPage(browser);
    await page.goto(foreign.origin);
    await page.evaluate(listen);
    const refused = page.waitForEvent('console', (message) => message.text().includes('frame-ancestors'));
    await embed(page, `${broker.origin}/message`);
    await refused;
    expect(await page.evaluate('got')).toEqual([]);
  });

  test.each(['app', 'foreign'] as const)('in a popup of %s reaches the application only', async (who) => {
    const { page } = await openPage(browser);
    await page.goto(who === 'app' ? app.origin : foreign.origin);
    await page.evaluate(listen);
    const opened = page.waitForEvent('popup');
    await page.evaluate(`void window.open(${JSON.stringify(`${broker.origin}/message`)})`);
    const popup = await opened;
    await popup.waitForLoadState('load');
    // Messages between two windows arrive in order: what came before this one has come.
    await popup.evaluate('opener.postMessage("last", "*")');
    await page.waitForFunction('got.some(([, data]) => data === "last")');
    const message = [broker.origin, { type: 'authorization_response', response }];
    const last = [broker.origin, 'last'];
    expect(await page.evaluate('got')).toEqual(who === 'app' ? [message, last] : [last]);
  });
});
