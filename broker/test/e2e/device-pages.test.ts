import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium, openPage } from '../support/chromium.ts';
import { useWorld } from '../support/databases.ts';
import { postToken } from '../support/world.ts';

const grantType = 'urn:ietf:params:oauth:grant-type:device_code';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

const getWorld = useWorld({
  change(seed) {
    seed.clients.push({ client_id: 'tv', name: 'Television', app_type: 'native', grant_types: [grantType] });
    seed.connections[0]?.enabled_clients?.push('tv');
  },
});

async function begin(): Promise<Record<string, string>> {
  const answer = await fetch(getWorld().broker.url('oauth/device/code'), {
    method: 'POST',
    body: new URLSearchParams({ client_id: 'tv', scope: 'openid' }),
  });
  return (await answer.json()) as Record<string, string>;
}

async function faultsOf(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const { violations } = (await page.evaluate('axe.run()')) as axe.AxeResults;
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}`));
}

test('without JavaScript a person connects a device by its link, through the provider and back', async () => {
  const device = await begin();
  const { page, said } = await openPage(browser, { javaScriptEnabled: false });
  await page.goto(device.verification_uri_complete ?? '');
  await page.getByRole('button', { name: 'Continue' }).click();
  expect(await page.locator('main').innerText()).toContain('Television');
  await page.getByRole('button', { name: 'Confirm' }).click();
  await page.getByRole('heading', { name: 'Your device is connected' }).waitFor();
  expect(said).toEqual([]);
  const form = { grant_type: grantType, client_id: 'tv', device_code: device.device_code };
  expect((await postToken(getWorld(), form)).status).toBe(200);
});

test('each page of a device is without fault for axe, on a small screen and in German too', async () => {
  const device = await begin();
  const { page } = await openPage(browser, { viewport: { width: 320, height: 640 }, locale: 'de-DE', bypassCSP: true });
  await page.goto(device.verification_uri ?? '');
  expect(await faultsOf(page)).toEqual([]);
  await page.getByRole('textbox').fill('wrong');
  await page.getByRole('button').click();
  expect(await page.getByRole('alert').innerText()).toContain('Code ist falsch');
  expect(await faultsOf(page)).toEqual([]);
  await page.getByRole('textbox').fill(device.user_code ?? '');
  await page.getByRole('button').click();
  await page.getByText(device.user_code ?? '').waitFor();
  expect(await faultsOf(page)).toEqual([]);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
  await page.getByRole('button', { name: 'Bestätigen' }).waitFor();
  await page.locator('button[value="cancel"]').click();
  await page.getByRole('heading', { name: 'nicht verbunden' }).waitFor();
  expect(await faultsOf(page)).toEqual([]);
});
