import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { makeDemoPlace, readDemoFile, removeDemoPlace, startDemo } from './demo-process.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

test('with PORTICO_TLS=self-signed the demo runs over https: a person signs in and the API trusts the authority', async () => {
  const place = await makeDemoPlace();
  cleanups.push(() => removeDemoPlace(place));
  const demo = startDemo(place, { PORTICO_TLS: 'self-signed' });
  cleanups.push(() => demo.stop());
  await demo.ready;
  const file = readDemoFile(place);
  expect(file.issuer).toBe(`https://localhost:${place.port}/`);
  expect(demo.output()).toContain(`NODE_EXTRA_CA_CERTS=${join(place.dataDir, 'tls', 'authority.pem')}`);

  const browser = await launchChromium();
  cleanups.push(() => browser.close());
  const page = await (await browser.newContext({ ignoreHTTPSErrors: true })).newPage();
  await page.goto(file.app_url);
  await page.getByTestId('sign-in-netflix-custom').click();
  await page.getByLabel('User name').fill('mira');
  await page.getByLabel('Password').fill('lantern-42');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Allow' }).click();
  await page.getByTestId('signed-in').waitFor();
  await page.getByTestId('call-api').click();
  await page.getByTestId('answer').filter({ hasText: 'The API answered 200' }).waitFor();
  const cookies = await page.context().cookies(file.issuer);
  expect(cookies.filter(({ name }) => name.startsWith('__Host-')).every(({ secure }) => secure)).toBe(true);
  expect(cookies.some(({ name }) => name.startsWith('__Host-'))).toBe(true);
});
