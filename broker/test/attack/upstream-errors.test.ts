import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { ProviderHandler } from '../support/provider.ts';
import { answerParameters, startWorld, type World } from '../support/world.ts';
import { beginSignIn, eventsSince, expectErrorRedirect, times } from './refusal.ts';

/* Whatever an upstream does, the application gets the contract's error in our words, and the log names the step. */

const words = 'WORDS-OF-THE-UPSTREAM';
const html = `<html><title>${words}</title><script>alert(1)</script></html>`;

const never: ProviderHandler = () => 'handled';
const cut: ProviderHandler = (_, response) => {
  response.socket?.destroy();
  return 'handled';
};
/** A byte now and then keeps the connection alive; the deadline is for the whole. */
const drip: ProviderHandler = (_, response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  const timer = setInterval(() => response.write(' '), 50);
  response.on('close', () => clearInterval(timer));
  return 'handled';
};
let sentBytes = 0;
const gigabyte: ProviderHandler = (_, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': String(2 ** 30) });
  const chunk = Buffer.alloc(64 * 1024, ' ');
  const write = (): void => {
    while (sentBytes < 2 ** 30 && !response.destroyed) {
      sentBytes += chunk.length;
      if (!response.write(chunk)) {
        response.once('drain', write);
        return;
      }
    }
  };
  response.on('error', () => undefined);
  write();
  return 'handled';
};
const bombBytes = gzipSync(Buffer.alloc(16 * 1024 * 1024, ' '));
const bomb: ProviderHandler = () => ({
  headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
  body: bombBytes,
});
const say =
  (status: number, body: unknown, type?: string): ProviderHandler =>
  () => ({ status, body, ...(type === undefined ? {} : { headers: { 'content-type': type } }) });

const failures: readonly (readonly [string, ProviderHandler])[] = [
  ['cuts the connection', cut],
  ['never answers', never],
  ['answers a byte at a time', drip],
  ['answers a gigabyte', gigabyte],
  ['answers a decompression bomb', bomb],
  ['answers 500', say(500, { error: words, error_description: words })],
  ['answers 401', say(401, { error: words, error_description: words })],
  ['answers 429 with text', say(429, words, 'text/plain')],
  ['answers HTML', say(200, html, 'text/html')],
  ['answers HTML that is called JSON', say(200, html, 'application/json')],
  ['answers nothing', say(204, undefined)],
  ['answers half of a JSON text', say(200, `{"access_token":"${words}`, 'application/json')],
  ['answers a list', say(200, [words])],
  ['answers a text', say(200, JSON.stringify(words), 'application/json')],
];

let world: World;
beforeAll(async () => {
  world = await startWorld({
    environment: { PORTICO_UPSTREAM_TIMEOUT_MS: '400' },
    change: (seed) => {
      const [first] = seed.connections;
      if (first === undefined) throw new Error('the seed has a connection');
      // Port 1 on loopback: nobody listens there.
      const options = { ...first.options, tokenURL: 'http://127.0.0.1:1/token' };
      seed.connections.push({ ...first, name: 'down', options });
    },
  });
});
afterAll(() => world.close());
afterEach(() => {
  world.provider.on('token', undefined);
  world.provider.on('userinfo', undefined);
  sentBytes = 0;
});

type Expected = { readonly step: string; readonly description: string | RegExp };

/** One sign-in that fails in `step`: one redirect, one event, no session, no user, no word of the upstream. */
async function expectFailure(connection: string, { step, description }: Expected): Promise<void> {
  const { agent, callbackUrl } = await beginSignIn(world, { connection });
  const users = await world.broker.store.users.count();
  const events = await eventsSince(world, async () => {
    const answer = await agent.get(callbackUrl);
    expectErrorRedirect(world, answer, { error: 'invalid_request', description });
    expect(JSON.stringify(answer)).not.toContain(words);
  });
  expect(events).toEqual([
    expect.objectContaining({
      type: 'f',
      clientId: 'web',
      traceId: expect.stringMatching(/^tr_/),
      details: expect.objectContaining({ step, reason: expect.any(String), steps: expect.any(Array) }),
    }),
  ]);
  const lines = world.broker.logs.filter(({ fields }) => fields.trace_id === events[0]?.traceId);
  expect(lines).toEqual([expect.objectContaining({ level: 'warn', message: 'sign-in failed' })]);
  expect(agent.cookies.has('auth0')).toBe(false);
  expect(await world.broker.store.users.count()).toBe(users);
}

describe('a token endpoint that', () => {
  const expected = { step: 'exchange', description: 'failed to obtain access token' };
  test.each([
    ...failures,
    ['answers 200 with an error', say(200, { error: words, access_token: 'at-beside-an-error' })],
    ['answers without an access token', say(200, { token_type: 'Bearer', note: words })],
    ['answers an access token that is a number', say(200, { access_token: 123456789 })],
    ['answers an access token that is a list', say(200, { access_token: [words] })],
    ['answers an access token with a line break', say(200, { access_token: `at\r\nx-${words}: 1` })],
    ['answers an access token of a megabyte', say(200, { access_token: 'a'.repeat(1_000_000) })],
    ['answers a token of type mac', say(200, { access_token: 'at-of-type-mac', token_type: 'mac' })],
  ] as readonly (readonly [string, ProviderHandler])[])(
    '%s gives "failed to obtain access token"',
    async (_, handler) => {
      world.provider.on('token', handler);
      await expectFailure('mapped', expected);
      expect(sentBytes).toBeLessThan(32 * 1024 * 1024);
    },
  );

  test('nobody listens at gives "failed to obtain access token"', () => expectFailure('down', expected));
});

describe('a userinfo endpoint that', () => {
  test.each([
    ...failures,
    ['answers without an id', say(200, { name: words })],
    ['answers an empty id', say(200, { id: '', name: words })],
  ] as readonly (readonly [string, ProviderHandler])[])('%s gives an error in our words', async (_, handler) => {
    world.provider.on('userinfo', handler);
    await expectFailure('mapped', {
      step: 'profile',
      description: /^(The upstream's userinfo endpoint|The userinfo endpoint|The profile)[^<>]{1,150}$/,
    });
    expect(sentBytes).toBeLessThan(32 * 1024 * 1024);
  });
});

test('a hundred broken answers in a row leave a broker that signs people in', async () => {
  world.provider.on('token', cut);
  const begun = await Promise.all(times(100, () => beginSignIn(world)));
  await Promise.all(begun.map(({ agent, callbackUrl }) => agent.get(callbackUrl)));
  world.provider.on('token', undefined);
  const { agent, callbackUrl } = await beginSignIn(world);
  expect(answerParameters(await agent.get(callbackUrl)).code).toMatch(/^ac_/);
});
