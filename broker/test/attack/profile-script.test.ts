import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { answerParameters, startWorld, type World } from '../support/world.ts';
import { beginSignIn, eventsSince, expectErrorRedirect } from './refusal.ts';

/*
 * A profile script that fails ends one sign-in. Auth0: what its author says is the error's description; what an
 * upstream said through it is not.
 */

const words = 'WORDS-OF-THE-UPSTREAM';
const get = (then: string) => `function (accessToken, ctx, callback) {
  request.get({ url: 'USERINFO', headers: { Authorization: 'Bearer ' + accessToken } }, function (error, response, body) { ${then} });
}`;
const run = (body: string) => `function (accessToken, ctx, callback) { ${body} }`;

type Case = {
  readonly name: string;
  readonly source: string;
  readonly description: string | RegExp;
  readonly reason: string;
};
const hidden = (text: string) => new RegExp(`^${text}; see trace tr_\\w{16}$`);

const cases: readonly Case[] = [
  // The author's words, as on Auth0.
  {
    name: 'throws',
    source: run('return access_token;'),
    description: /access_token is not defined/,
    reason: 'script_runtime',
  },
  {
    name: 'error',
    source: run("callback(new Error('No account here'));"),
    description: 'No account here',
    reason: 'script_callback',
  },
  {
    name: 'text',
    source: run("callback('No account here');"),
    description: 'No account here',
    reason: 'script_callback',
  },
  {
    name: 'long',
    source: run("callback(new Error('x'.repeat(5000)));"),
    description: /^x{200}$/,
    reason: 'script_callback',
  },
  {
    name: 'breaks',
    source: run("callback(new Error('a\\r\\nLocation: b'));"),
    description: 'a\\u000d Location: b',
    reason: 'script_callback',
  },
  // The upstream's words, or a token.
  {
    name: 'body',
    source: get('callback(new Error(body));'),
    description: hidden('The profile script reported an error'),
    reason: 'script_callback',
  },
  {
    name: 'bodytext',
    source: get('callback(body);'),
    description: hidden('The profile script reported an error'),
    reason: 'script_callback',
  },
  {
    name: 'part',
    source: get("callback(new Error('Failed: ' + body.slice(3, 15).toLowerCase()));"),
    description: hidden('The profile script reported an error'),
    reason: 'script_callback',
  },
  {
    name: 'parse',
    source: get('callback(null, JSON.parse(body));'),
    description: hidden('The profile script failed'),
    reason: 'script_runtime',
  },
  {
    name: 'thrown',
    source: get('throw new Error(body);'),
    description: hidden('The profile script failed'),
    reason: 'script_runtime',
  },
  {
    name: 'token',
    source: run("callback(new Error('bad token ' + accessToken));"),
    description: /^bad token \[hidden\]$/,
    reason: 'script_callback',
  },
  {
    name: 'token-part',
    source: run("callback(new Error('bad token ' + accessToken.slice(0, 12)));"),
    description: hidden('The profile script reported an error'),
    reason: 'script_callback',
  },
  // No words at all.
  {
    name: 'syntax',
    source: 'function (accessToken, ctx, callback) { callback(null, {',
    description: hidden('The profile script is not valid JavaScript'),
    reason: 'script_syntax',
  },
  {
    name: 'nofunction',
    source: '42',
    description: hidden('The profile script did not call back with a profile'),
    reason: 'script_contract',
  },
  {
    name: 'loop',
    source: run('while (true) {}'),
    description: hidden('The profile script took too long'),
    reason: 'script_timeout',
  },
  {
    name: 'waits',
    source: run('setTimeout(function () { callback(null, { user_id: 1 }); }, 60000);'),
    description: hidden('The profile script took too long'),
    reason: 'script_timeout',
  },
  {
    name: 'regexp',
    source: run("/^(a+)+$/.test('a'.repeat(60) + '!'); callback(null, { user_id: 1 });"),
    description: hidden('The profile script took too long'),
    reason: 'script_timeout',
  },
  {
    name: 'memory',
    source: run('var all = []; while (true) all.push(new Array(100000).fill(all.length));'),
    description: hidden('The profile script (used too much memory|took too long)'),
    reason: 'script_(memory|timeout)',
  },
  {
    name: 'exit',
    source: run("this.constructor.constructor('return process')().exit(0);"),
    description: /exit is not a function$/,
    reason: 'script_runtime',
  },
  // A value that is no profile.
  { name: 'nothing', source: run('callback();'), description: /^The profile/, reason: 'script_contract' },
  { name: 'null', source: run('callback(null, null);'), description: /^The profile/, reason: 'script_contract' },
  { name: 'list', source: run('callback(null, [1]);'), description: /^The profile/, reason: 'script_contract' },
  {
    name: 'no-id',
    source: run("callback(null, { email: 'a@example.com' });"),
    description: /^The profile has no user_id/,
    reason: 'no_user_id',
  },
  {
    name: 'empty-id',
    source: run("callback(null, { user_id: '' });"),
    description: /^The profile's user_id is empty/,
    reason: 'bad_user_id',
  },
  {
    name: 'token-id',
    source: run('callback(null, { user_id: accessToken });'),
    description: /^The profile's user_id contains a token/,
    reason: 'bad_user_id',
  },
  {
    name: 'huge',
    source: run("callback(null, { user_id: 1, bio: 'x'.repeat(500000) });"),
    description: /^The profile is larger than 64 KiB/,
    reason: 'too_large',
  },
];

let world: World;
beforeAll(async () => {
  world = await startWorld({
    environment: { PORTICO_SCRIPT_TIMEOUT_MS: '1000' },
    change: (seed) => {
      const scripted = seed.connections.find(({ name }) => name === 'scripted');
      if (scripted === undefined) throw new Error('the seed has a scripted connection');
      const userinfo = `${String(scripted.options.tokenURL).replace('/token', '/userinfo')}`;
      for (const { name, source } of cases) {
        const scripts = { fetchUserProfile: source.replace('USERINFO', userinfo) };
        seed.connections.push({ ...scripted, name: `script-${name}`, options: { ...scripted.options, scripts } });
      }
    },
  });
});
afterAll(() => world.close());
afterEach(() => world.provider.on('userinfo', undefined));

test.each(cases)(
  'a profile script "$name" ends its own sign-in, and the log says why',
  async ({ name, description, reason }) => {
    world.provider.on('userinfo', () => ({ headers: { 'content-type': 'text/html' }, body: `<p>${words}</p>` }));
    const { agent, callbackUrl } = await beginSignIn(world, { connection: `script-${name}` });
    const [event, ...others] = await eventsSince(world, async () => {
      const answer = await agent.get(callbackUrl);
      const parameters = expectErrorRedirect(world, answer, { error: 'invalid_request', description });
      expect(parameters.error_description?.length).toBeLessThanOrEqual(200);
      expect(JSON.stringify(answer).toUpperCase()).not.toMatch(/WORDS-OF|AT-[\w-]{20}/);
    });
    expect(others).toEqual([]);
    expect(event).toMatchObject({ type: 'f', details: { step: 'profile', reason: expect.stringMatching(reason) } });
    expect(agent.cookies.has('auth0')).toBe(false);
  },
);

test('a script that fails takes nobody along: sign-ins beside it succeed', async () => {
  const begun = await Promise.all(
    ['script-loop', 'scripted', 'script-memory', 'scripted', 'script-exit', 'scripted', 'mapped'].map(
      async (connection) => ({ connection, ...(await beginSignIn(world, { connection })) }),
    ),
  );
  for (const { connection, agent, callbackUrl } of begun) {
    const parameters = answerParameters(await agent.get(callbackUrl));
    if (connection.startsWith('script-')) expect(parameters.error).toBe('invalid_request');
    else expect(parameters.code).toMatch(/^ac_/);
  }
});
