import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium, openPage } from '../support/chromium.ts';
import { portico } from '../support/command-line.ts';
import { authorizeUrl, createPkce, startWorld, type World } from '../support/world.ts';

/* From a script that fails to one that is mended, as a person and an operator go through it. */

const brokenScript = (provider: string): string => `type Person = { id: string; emails: string[] };
enum Source { Provider = 'provider' }

function fetchUserProfile(accessToken: string, ctx: object, callback: Function): void {
  console.log('asking the', Source.Provider, accessToken);
  request.get({ url: '${provider}/userinfo', auth: { bearer: accessToken }, json: true },
    (error: unknown, response: object, body: Person) => {
      const first: string = body.emails[0];
      callback(null, { user_id: body.id, email: first });
    });
}
`;
const fixedScript = (provider: string, path = '/userinfo'): string => `function fetchUserProfile(token, ctx, callback) {
  request.get({ url: '${provider}${path}', auth: { bearer: token }, json: true }, function (error, response, body) {
    if (error) return callback(error);
    callback(null, { user_id: body.id, email: body.email });
  });
}
`;

const directory = mkdtempSync(join(tmpdir(), 'portico-failed-script-'));
const environment = {
  PORTICO_DATA_DIR: directory,
  PORTICO_SEALING_KEYS: `t1:${randomBytes(32).toString('base64')}`,
  PORTICO_EGRESS_ALLOW: 'loopback',
};
let browser: Browser;
let world: World;

beforeAll(async () => {
  browser = await launchChromium();
  world = await startWorld({
    environment,
    change(seed) {
      const scripted = seed.connections.find(({ name }) => name === 'scripted');
      const [web] = seed.clients;
      if (scripted === undefined || web === undefined) throw new Error('the seed has both');
      const provider = String(scripted.options.tokenURL).replace('/token', '');
      writeFileSync(join(directory, 'profile.ts'), brokenScript(provider));
      // Somebody else's application: its errors are shown here, not sent there.
      seed.clients.push({ ...web, client_id: 'partner', name: 'Partner application', is_first_party: false });
      seed.connections.push({
        ...scripted,
        name: 'streamly',
        display_name: 'Streamly',
        enabled_clients: ['partner'],
        options: { ...scripted.options, scripts: { fetchUserProfile: { file: join(directory, 'profile.ts') } } },
      } as (typeof seed.connections)[number]);
    },
  });
});
afterAll(async () => {
  await browser?.close();
  await world?.close();
  rmSync(directory, { recursive: true, force: true });
});

test('a failing profile script shows a page with a trace id; the id tells the whole story, and the mended script passes offline', async () => {
  const { page } = await openPage(browser, { viewport: { width: 1000, height: 760 } });
  const { challenge } = createPkce();
  await page.goto(
    authorizeUrl(world, {
      client_id: 'partner',
      connection: 'streamly',
      code_challenge: challenge,
      code_challenge_method: 'S256',
    }),
  );
  expect(page.url().startsWith(world.broker.issuerUrl), page.url()).toBe(true);
  await page.locator('summary').click();
  const id = (await page.locator('dd code').last().innerText()).trim();
  expect(id).toMatch(/^tr_/);
  const shown = await page.locator('main').innerText();
  expect(shown).not.toContain('at-');
  await page.context().close();

  const story = await portico(environment, 'attempts', 'show', id);
  expect(story.code, story.errors).toBe(0);
  for (const text of [
    `Attempt ${id}: failed`,
    'connection   streamly',
    'upstream.token',
    'Script streamly.fetchUserProfile.ts: ended with runtime',
    '>  8 |       const first: string = body.emails[0];',
    'streamly.fetchUserProfile.ts:8:34',
    'log   asking the provider [hidden]',
    `GET ${world.provider.url}/userinfo → 200`,
    `Try a fix: portico attempts replay ${id} --run 1 --script fixed.ts`,
  ]) {
    expect(story.output).toContain(text);
  }

  const asked = world.provider.requests.length;
  const fixed = join(directory, 'fixed.js');
  writeFileSync(fixed, fixedScript(world.provider.url));
  const mended = await portico(environment, 'attempts', 'replay', id, '--script', fixed);
  expect(mended).toMatchObject({ code: 0, errors: '', output: expect.stringContaining('"user_id": "user-1"') });

  writeFileSync(fixed, fixedScript(world.provider.url, '/people/me'));
  const lost = await portico(environment, 'attempts', 'replay', id, '--script', fixed);
  expect(lost.code).toBe(1);
  expect(lost.output).toContain(`The request GET ${world.provider.url}/people/me was not recorded`);
  expect(world.provider.requests, 'both were offline').toHaveLength(asked);
});
