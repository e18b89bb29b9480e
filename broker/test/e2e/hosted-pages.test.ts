import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import axe from 'axe-core';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RenderedPage } from '../../src/http/page.ts';
import type { PageFrame } from '../../src/http/page-frame.ts';
import { renderConfirmSignOutPage } from '../../src/issuer/pages/confirm-sign-out-page.ts';
import { renderSignedOutPage } from '../../src/issuer/pages/signed-out-page.ts';
import { renderConsentPage } from '../../src/login/consent/consent-page.ts';
import { renderErrorPage } from '../../src/login/pages/error-page.ts';
import { renderLoginPage } from '../../src/login/pages/login-page.ts';
import { renderWebMessage } from '../../src/login/pages/web-message-page.ts';
import { launchChromium, openPage } from '../support/chromium.ts';
import { frameOf, languageOf } from '../support/frames.ts';
import { openSite, type Site } from '../support/site.ts';

const picture =
  'data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22%3E%3Crect width=%229%22 height=%229%22/%3E%3C/svg%3E';
const tenant = { friendlyName: 'Northwind', supportUrl: 'https://help.example/' };
const client = { name: 'The Royal Institute of Photogrammetry and Remote Sensing', logoUrl: picture };
const connection = { name: 'hulu', displayName: 'Hulu', iconUrl: undefined, isLastUsed: false };
const longName = 'Averyveryveryverylongnamewithoutanyspaceatall';
const connections = [
  { ...connection, displayName: 'Netflix', iconUrl: picture, isLastUsed: true },
  connection,
  { ...connection, displayName: longName, iconUrl: picture },
];
const choice = { frame: frameOf(tenant), isSignUp: false, client, state: 'the-state', action: '/u/login' };
const resourceServer = {
  name: longName,
  scopes: [{ value: `read:${longName}`, description: '' }],
};
const scopes = ['openid', 'profile', 'email', 'offline_access', 'user_metadata', `read:${longName}`];
const consent = { client, person: `${longName}@example.com`, action: '/u/consent', fields: {}, scopes, resourceServer };
const error = {
  kind: 'callback',
  backHref: 'https://app.example/',
  code: 'unauthorized_client',
  message: `Callback URL mismatch. https://${longName}.example/${longName} is not in the list of allowed callback URLs`,
  traceId: 'tr_01JD8X2M6W4QF7RZ',
  clientName: 'Northwind',
} as const;

const pagesIn = (frame: PageFrame): readonly (readonly [string, RenderedPage])[] => [
  ['login', renderLoginPage({ ...choice, frame, connections })],
  ['login-empty', renderLoginPage({ ...choice, frame, connections: [] })],
  ['consent', renderConsentPage({ ...consent, frame, question: 'consent' })],
  ['confirmation', renderConsentPage({ ...consent, frame, question: 'confirmation' })],
  ['error', renderErrorPage({ ...error, frame })],
  [
    'confirm',
    renderConfirmSignOutPage({ frame, clientName: 'Northwind', action: '/oidc/logout', fields: { state: 's' } }),
  ],
  ['signed-out', renderSignedOutPage(frame)],
  ['web-message', renderWebMessage({ frame, targetOrigin: 'https://app.example', response: { code: 'c' } })],
];

/** Read from the left and from the right, and in the colours of tenants that chose badly. */
const frames: Readonly<Record<string, PageFrame>> = {
  ltr: frameOf(tenant),
  rtl: frameOf(tenant, languageOf('ar')),
  pale: frameOf({ ...tenant, colors: { primary: '#ffee88', pageBackground: '#7f7f7f' } }, languageOf('de')),
  deep: frameOf({ ...tenant, colors: { primary: '#101010', pageBackground: '#3b0036' } }, languageOf('ja')),
};

const pages: ReadonlyMap<string, RenderedPage> = new Map(
  Object.entries(frames).flatMap(([name, frame]) =>
    pagesIn(frame).map(([page, rendered]) => [`/${name}/${page}`, rendered] as const),
  ),
);

let browser: Browser;
let broker: Site;

beforeAll(async () => {
  browser = await launchChromium();
  broker = await openSite();
  for (const [path, page] of pages) broker.pages.set(path, page);
});
afterAll(async () => {
  await browser.close();
  broker.close();
});

async function openFolds(page: Page): Promise<void> {
  for (const summary of await page.locator('summary').all()) await summary.click();
}

async function runAxe(page: Page): Promise<{ faults: readonly string[]; passed: readonly string[] }> {
  const { violations, passes } = (await page.evaluate('axe.run()')) as axe.AxeResults;
  const faults = violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}`));
  return { faults, passed: passes.map(({ id }) => id) };
}

/** Several at a time: most of this is the work of the browser, which has a process for each. */
test.concurrent.each([...pages.keys()])(
  '%s: one request, nothing blocked, no fault for axe in light and dark',
  async (path) => {
    const { page, said } = await openPage(browser, { viewport: { width: 360, height: 740 } });
    const requests: string[] = [];
    page.on('request', (request) => {
      if (!request.url().startsWith('data:')) requests.push(request.url());
    });
    await page.goto(broker.origin + path);
    expect(said).toEqual([]);
    expect(requests).toEqual([broker.origin + path]);
    await openFolds(page);
    await page.evaluate(axe.source);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const { faults, passed } = await runAxe(page);
      expect(faults).toEqual([]);
      expect(passed).toContain('color-contrast');
    }
    await page.context().close();
  },
);

const markupOf = (control: Locator): Promise<string> => control.evaluate((element) => element.outerHTML);

const plainPages = [...pages.keys()].filter((path) => /^\/(?:ltr|rtl)\//.test(path));

test.each(plainPages)('%s: fits 320 px; Tab reaches each control, 44 px high, with a ring', async (path) => {
  const { page } = await openPage(browser, { viewport: { width: 320, height: 640 } });
  await page.goto(broker.origin + path);
  await openFolds(page);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
  for (const control of await page.locator('button, summary, main > a, footer > a').all()) {
    expect((await control.boundingBox())?.height).toBeGreaterThanOrEqual(44);
  }
  const controls = await Promise.all((await page.locator('button, summary, a[href]').all()).map(markupOf));
  await page.mouse.click(1, 1);
  const reached: string[] = [];
  while (reached.length < controls.length) {
    await page.keyboard.press('Tab');
    reached.push(await markupOf(page.locator(':focus')));
    expect(await page.evaluate('getComputedStyle(document.activeElement).outlineWidth')).toBe('3px');
  }
  expect(reached).toEqual(controls);
  await page.context().close();
});

test('an icon that does not load looks as if there were none: the initial on its tile', async () => {
  const broken = { ...connection, iconUrl: `${broker.origin}/not-an-image` };
  broker.pages.set('/broken', renderLoginPage({ ...choice, connections: [broken, connection] }));
  const { page, said } = await openPage(browser);
  await page.goto(`${broker.origin}/broken`);
  const [withBroken, withNone] = await Promise.all(
    (await page.locator('button .tile').all()).map((tile) => tile.screenshot()),
  );
  expect(withBroken?.equals(withNone ?? Buffer.of())).toBe(true);
  expect(said).toEqual([]);
  await page.context().close();
});

const watchShifts =
  'window.shifts=[];new PerformanceObserver((list)=>window.shifts.push(...list.getEntries().map(({value})=>value))).observe({type:"layout-shift",buffered:true})';

test('nothing moves either where half of a page comes later than the rest', async () => {
  const { html, headers } = pages.get('/ltr/login') ?? renderSignedOutPage(frameOf(tenant));
  const half = html.indexOf('</button>');
  const slow = createServer((_request, response) => {
    response.writeHead(200, headers).write(html.slice(0, half));
    setTimeout(() => response.end(html.slice(half)), 1_000);
  });
  await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve));
  const { page } = await openPage(browser, { viewport: { width: 1280, height: 900 } });
  await page.addInitScript(watchShifts);
  const { port } = slow.address() as AddressInfo;
  await page.goto(`http://127.0.0.1:${port}/`, { waitUntil: 'networkidle' });
  expect(await page.locator('footer').isVisible()).toBe(true);
  expect(await page.evaluate('window.shifts')).toEqual([]);
  await page.context().close();
  slow.close();
});

test.each([320, 1280, 3840])(
  'at %i px nothing moves while a page loads, and its card stands in the middle',
  async (width) => {
    const { page } = await openPage(browser, { viewport: { width, height: Math.round(width * 0.7) } });
    await page.addInitScript(watchShifts);
    for (const path of ['/ltr/login', '/rtl/login', '/ltr/consent']) {
      await page.goto(broker.origin + path, { waitUntil: 'networkidle' });
      expect(await page.evaluate('window.shifts')).toEqual([]);
      const card = await page.locator('main').boundingBox();
      expect(Math.abs(width - 2 * (card?.x ?? 0) - (card?.width ?? 0))).toBeLessThanOrEqual(1);
    }
    await page.context().close();
  },
);
