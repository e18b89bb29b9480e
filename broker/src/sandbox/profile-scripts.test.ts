import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accessToken, type SandboxWorld, startSandboxWorld } from './testing/sandbox-world.ts';

/** What the provider of the guide answers; a path may be set to fail first. */
const answers: Record<string, unknown> = {
  '/api/userinfo': {
    id: 'u-1',
    email: 'ada@example.com',
    display_name: 'Ada',
    username: 'ada',
    subscription: { tier: 'gold' },
  },
  '/v1/users/me': {
    id: 7,
    email: 'ada@example.com',
    email_verified: true,
    display_name: 'Ada',
    avatar_url: 'https://a/b.png',
  },
  '/v1/users/me/history': { items: [{ title: 'One' }] },
  '/v1/users/me/preferences': { genres: ['drama'], maturity_level: 'teen' },
  '/v1/users/current': {
    accountId: 'acc-1',
    email: 'ada@example.com',
    displayName: 'Ada L',
    profileId: 'p1',
    planType: 'premium',
  },
  '/v1/users/current/viewing-activity?limit=50&pg=0': {
    viewedItems: [{ titleId: 't1', title: 'One', date: '2026-01-01' }],
  },
  '/api/v2/me': { id: 'u-9', email: 'ada@example.com', verified: true, full_name: 'Ada Lovelace' },
  '/userinfo': { account: { uuid: 'uuid-1', email: 'ada@example.com' } },
};

let world: SandboxWorld;
let requests: IncomingMessage[] = [];
let resets = 0;

function answer(request: IncomingMessage, response: ServerResponse): void {
  requests.push(request);
  if (resets > 0) {
    resets -= 1;
    request.socket.destroy();
    return;
  }
  const found = answers[request.url ?? ''];
  response.writeHead(found === undefined ? 404 : 200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(found ?? { error: 'none' }));
}

beforeAll(async () => {
  world = await startSandboxWorld(answer);
});
afterAll(() => world.close());

/** The script as it is, but for the host names. */
function script(name: string): string {
  const text = readFileSync(join(import.meta.dirname, 'fixtures', `${name}.js`), 'utf8');
  requests = [];
  return text.replace(
    /https:\/\/(provider\.com|api\.netflix\.example\.com|api\.netflix\.com|auth\.example\.com)/g,
    world.origin,
  );
}

test("the guide's basic script makes a profile", async () => {
  const run = await world.run(script('guide-basic'));
  expect(run.outcome).toEqual({
    ok: true,
    value: {
      user_id: 'u-1',
      email: 'ada@example.com',
      email_verified: false,
      name: 'Ada',
      user_metadata: { provider_username: 'ada', provider_id: 'u-1', subscription_tier: 'gold' },
    },
  });
  expect(requests[0]?.headers.authorization).toBe(`Bearer ${accessToken}`);
  expect(run.exchanges).toMatchObject([{ method: 'GET', url: `${world.origin}/api/userinfo`, status: 200 }]);
  expect(run.responseTexts.join()).toContain('ada@example.com');
});

test("the guide's script with parallel requests joins their answers", async () => {
  const run = await world.run(script('guide-parallel'));
  expect(run.outcome).toMatchObject({
    ok: true,
    value: {
      user_id: 'netflix|7',
      email_verified: true,
      user_metadata: { watch_history: [{ title: 'One' }], favorite_genres: ['drama'], maturity_rating: 'teen' },
      app_metadata: { provider: 'netflix', access_token: accessToken },
    },
  });
  expect(run.exchanges).toHaveLength(3);
});

test("the guide's Netflix script makes its two calls, with its query", async () => {
  const run = await world.run(script('guide-two-calls'));
  expect(run.outcome).toMatchObject({
    ok: true,
    value: {
      user_id: 'netflix|acc-1',
      name: 'Ada L',
      user_metadata: { subscription_type: 'premium', watch_history: [{ title_id: 't1', title_name: 'One' }] },
    },
  });
  expect(requests.map((request) => request.url)).toEqual([
    '/v1/users/current',
    '/v1/users/current/viewing-activity?limit=50&pg=0',
  ]);
  expect(requests[0]?.headers['x-netflix-client-version']).toBe('1.0.0');
});

test("the guide's retry script tries again after a network error", async () => {
  resets = 1;
  const run = await world.run(script('guide-retry'));
  expect(run.outcome).toMatchObject({
    ok: true,
    value: { user_id: 'u-9', name: 'Ada Lovelace', email_verified: true },
  });
  expect(run.exchanges).toMatchObject([{ error: 'reset' }, { status: 200 }]);
  expect(requests[1]?.headers['user-agent']).toBe('Auth0-Custom-Connection/1.0');
});

test('the documented script makes a profile', async () => {
  const run = await world.run(script('documented'));
  expect(run.outcome).toEqual({ ok: true, value: { user_id: 'uuid-1', email: 'ada@example.com' } });
});

test("the documented script's deliberate error arrives with the place that made it", async () => {
  const run = await world.run(script('documented').replace('/userinfo', '/missing'));
  expect(run.outcome).toMatchObject({ ok: false, kind: 'callback', message: '{"error":"none"}', line: 14, column: 25 });
  // What the upstream said can be told from what we say.
  expect(run.responseTexts).toContain('{"error":"none"}');
});

const texts = (run: { readonly consoleLines: readonly { readonly text: string }[] }) =>
  run.consoleLines.map(({ text }) => text);

test("the guide's logging snippet shows what it logs without the token, and that it never calls back", async () => {
  const run = await world.run(script('guide-log-everything'));
  // The snippet leaves out "the rest of the code", and with it the callback.
  expect(run.outcome).toMatchObject({ ok: false, kind: 'contract' });
  expect(texts(run)).toEqual([
    `Fetching profile with token: ${accessToken.slice(0, 10)}...`,
    'Response status: 200',
    expect.stringMatching(/^Response body: .*uuid-1/),
  ]);
  expect(texts(run).join()).not.toContain(accessToken);
});

test("the guide's debug mode logs every step, and names the variable that the snippet leaves out", async () => {
  const run = await world.run(script('guide-debug-mode'));
  expect(run.outcome).toMatchObject({
    ok: false,
    kind: 'runtime',
    message: 'ReferenceError: profile is not defined',
    line: 16,
  });
  expect(texts(run).map((text) => text.trim())).toEqual([
    '[Custom Connection Debug] Starting user profile fetch',
    `[Custom Connection Debug] Access token length: ${accessToken.length}`,
    '[Custom Connection Debug] Profile fetch complete',
  ]);
});
