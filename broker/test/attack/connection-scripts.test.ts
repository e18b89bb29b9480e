import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { hashHandle } from '../../src/core/hash.ts';
import type { HandleHash } from '../../src/core/ids.ts';
import { type Answer, createAgent } from '../support/agent.ts';
import { readHandoff } from '../support/applications.ts';
import { answerParameters, authorizeUrl, startWorld, type World } from '../support/world.ts';
import { beginSignIn, eventsSince, expectErrorRedirect, expectPage } from './refusal.ts';

/*
 * The scripts that make the authorization URL and exchange the code are an administrator's, but what they work with comes
 * from outside. Whatever they give, it ends one sign-in with a reason, and nothing secret leaves with it.
 */

type Case = { readonly name: string; readonly source: string; readonly reason: string; readonly says?: RegExp };

const asking = (body: string) => `function (config) { ${body} }`;
const address = 'authorization URL of the script';
const hidden = (title: string, what: string) => new RegExp(`^The ${title} ${what}; see trace tr_\\w{16}$`);
const noWords = (what: string) => hidden('authorization URL script', what);

const askers: readonly Case[] = [
  { name: 'javascript', source: asking("return 'javascript:alert(1)';"), reason: 'script_url' },
  { name: 'javascript-tab', source: asking("return 'java\\tscript:alert(1)';"), reason: 'script_url' },
  { name: 'data', source: asking("return 'data:text/html,x';"), reason: 'script_url' },
  { name: 'relative', source: asking("return '/authorize';"), reason: 'script_url' },
  { name: 'empty', source: asking("return '';"), reason: 'script_url' },
  { name: 'user-name', source: asking("return 'https://idp.example.com@evil.example.com/';"), reason: 'script_url' },
  {
    name: 'line-break',
    source: asking("return 'https://idp.example.com/\\r\\nSet-Cookie: a=b';"),
    reason: 'script_url',
    says: new RegExp(`^The ${address} has a control character in it$`),
  },
  {
    name: 'long',
    source: asking("return 'https://idp.example.com/?' + 'x'.repeat(900000);"),
    reason: 'script_url',
    says: new RegExp(`^The ${address} is longer than 8000 characters$`),
  },
  { name: 'number', source: asking('return 42;'), reason: 'script_url' },
  { name: 'object', source: asking("return { href: 'https://idp.example.com/' };"), reason: 'script_url' },
  { name: 'null', source: asking('return null;'), reason: 'script_url' },
  { name: 'nothing', source: asking(''), reason: 'script_contract', says: noWords('did not return an address') },
  { name: 'promise-of-number', source: asking('return Promise.resolve(1);'), reason: 'script_url' },
  { name: 'rejects', source: asking("return Promise.reject(new Error('no address'));"), reason: 'script_runtime' },
  {
    name: 'never',
    source: asking('return new Promise(function () { setInterval(function () {}, 1000); });'),
    reason: 'script_timeout',
    says: noWords('took too long'),
  },
  { name: 'loop', source: asking('while (true) {}'), reason: 'script_timeout', says: noWords('took too long') },
  { name: 'throws', source: asking("throw new Error('no address');"), reason: 'script_runtime', says: /no address/ },
  {
    name: 'tells-state',
    source: asking('throw new Error(config.state);'),
    reason: 'script_runtime',
    says: /^\[hidden\]$/,
  },
  { name: 'tells-config', source: asking('throw new Error(JSON.stringify(config));'), reason: 'script_runtime' },
  { name: 'syntax', source: 'function (config) { return', reason: 'script_syntax' },
  { name: 'no-function', source: '42', reason: 'script_contract' },
];

const exchanging = (body: string) => `function (config, callback) { ${body} }`;
const token = 'NEW-TOKEN-a1b2c3d4e5f6g7h8';
const fetching = (then: string) =>
  exchanging(
    `request.post({ url: 'TOKEN', form: { code: config.code } }, function (error, response, body) { ${then} });`,
  );

const exchangers: readonly Case[] = [
  { name: 'x-text', source: fetching('callback(null, body);'), reason: 'script_contract' },
  { name: 'x-list', source: exchanging('callback(null, [1]);'), reason: 'script_contract' },
  { name: 'x-nothing', source: exchanging('callback();'), reason: 'script_contract' },
  { name: 'x-empty', source: exchanging('callback(null, {});'), reason: 'no_access_token' },
  { name: 'x-number', source: exchanging('callback(null, { access_token: 1 });'), reason: 'bad_access_token' },
  {
    name: 'x-long',
    source: exchanging("callback(null, { access_token: 'x'.repeat(20000) });"),
    reason: 'bad_access_token',
  },
  {
    name: 'x-control',
    source: exchanging("callback(null, { access_token: 'a\\r\\nX: y' });"),
    reason: 'bad_access_token',
  },
  {
    name: 'x-proof',
    source: exchanging(`callback(null, { access_token: '${token}', token_type: 'DPoP' });`),
    reason: 'token_type',
  },
  {
    name: 'x-error',
    source: fetching("var answer = JSON.parse(body); answer.error = 'invalid_grant'; callback(null, answer);"),
    reason: 'error_answer',
  },
  { name: 'x-body', source: fetching('console.log(body); callback(new Error(body));'), reason: 'script_callback' },
  { name: 'x-throws', source: fetching('console.log(body); throw new Error(body);'), reason: 'script_runtime' },
  {
    name: 'x-code',
    source: exchanging("callback(new Error(config.code + ' ' + config.client_secret));"),
    reason: 'script_callback',
  },
  { name: 'x-never', source: exchanging('setInterval(function () {}, 1000);'), reason: 'script_timeout' },
  { name: 'x-silent', source: exchanging(''), reason: 'script_(contract|timeout)' },
  { name: 'x-loop', source: exchanging('while (true) {}'), reason: 'script_timeout' },
  {
    name: 'x-huge',
    source: exchanging("callback(null, { access_token: 'a', more: 'x'.repeat(2000000) });"),
    reason: 'script_limit',
  },
];

let world: World;
beforeAll(async () => {
  world = await startWorld({
    environment: { PORTICO_SCRIPT_TIMEOUT_MS: '1000' },
    change(seed) {
      const [first] = seed.connections;
      if (first === undefined) throw new Error('the seed has a connection');
      const add = (name: string, scripts: Record<string, string>) =>
        seed.connections.push({ ...first, name, options: { ...first.options, scripts } });
      const origin = String(first.options.authorizationURL).replace('/authorize', '');
      for (const { name, source } of askers) add(name, { authorizationUrl: source });
      for (const { name, source } of exchangers)
        add(name, { tokenExchange: source.replace('TOKEN', `${origin}/token`) });
      add('waits', {
        authorizationUrl: `function (config) {
          return new Promise(function (resolve) {
            request.get('${origin}/slow', function () { resolve('${origin}/authorize'); });
          });
        }`,
      });
    },
  });
});
afterAll(() => world.close());
afterEach(() => {
  for (const endpoint of ['token', 'other'] as const) world.provider.on(endpoint, undefined);
});

/** Everything that a broker shows or keeps of a sign-in, but for the sealed record, which is opened for its owner only. */
const leaksIn = async (answer: Answer, secrets: readonly RegExp[]): Promise<readonly string[]> => {
  const all = JSON.stringify([{ ...answer, url: '' }, world.broker.logs, await world.broker.store.logs.list(50)]);
  return secrets.flatMap((secret) => all.match(secret) ?? []);
};

describe('an authorization URL script', () => {
  test.each(askers)('"$name" ends its own sign-in at the application', async ({ name, reason, says = /./ }) => {
    const agent = createAgent();
    const [event, ...others] = await eventsSince(world, async () => {
      const answer = await agent.get(authorizeUrl(world, { connection: name }));
      const parameters = expectErrorRedirect(world, answer, { error: 'invalid_request', description: says });
      expect(parameters.error_description?.length).toBeLessThanOrEqual(200);
      expect(await leaksIn(answer, [/st_[\w-]{43}/, /provider-secret/])).toEqual([]);
    });
    expect(others).toEqual([]);
    expect(event).toMatchObject({
      type: 'f',
      connectionId: expect.stringMatching(/^con_/),
      details: {
        step: 'configuration',
        reason: expect.stringMatching(`^${reason}$`),
        steps: [{ step: 'script.run', fields: { script: 'authorizationUrl' } }],
      },
    });
    expect(agent.cookies.has('auth0')).toBe(false);
  });

  test('that fails after the login page ends the sign-in at the application too, and the state opens nothing', async () => {
    const agent = createAgent();
    const page = await agent.get(authorizeUrl(world, { connection: undefined }));
    const state = new URL(page.location ?? '').searchParams.get('state') ?? '';
    const [event] = await eventsSince(world, async () => {
      const answer = await agent.post(world.broker.url('u/login'), { state, connection: 'throws' });
      expect(answer.status).toBe(200);
      expect(answerParameters({ ...answer, location: readHandoff(answer.body) })).toEqual({
        error: 'invalid_request',
        error_description: expect.stringContaining('no address'),
        state: 'app-state',
        iss: world.broker.issuerUrl,
      });
    });
    expect(event).toMatchObject({ type: 'f', details: { reason: 'script_runtime' } });
    await expectPage(world, await agent.post(world.broker.url('u/login'), { state, connection: 'mapped' }));
  });

  test('that is at work while its transaction is spent does not bring the transaction back', async () => {
    const agent = createAgent();
    const page = await agent.get(authorizeUrl(world, { connection: undefined }));
    const state = new URL(page.location ?? '').searchParams.get('state') ?? '';
    let release = () => {};
    const asked = new Promise<void>((resolve) => {
      world.provider.on('other', async () => {
        resolve();
        await new Promise<void>((answer) => {
          release = answer;
        });
        return { body: {} };
      });
    });
    const picking = agent.post(world.broker.url('u/login'), { state, connection: 'waits' });
    await asked;
    const spent = await agent.get(`${world.broker.url('login/callback')}?state=${state}&code=c`);
    expect(spent.location ?? '').toContain('error=');
    release();
    await expectPage(world, await picking);
    expect(await world.broker.store.transactions.find(hashHandle(state) as HandleHash)).toBeUndefined();
  });
});

describe('a token exchange script', () => {
  test.each(exchangers)('"$name" ends its own sign-in, and no token or code is told', async ({ name, reason }) => {
    world.provider.on('token', () => ({ body: { access_token: token, refresh_token: `${token}-refresh` } }));
    const { agent, callbackUrl, code } = await beginSignIn(world, { connection: name });
    const [event, ...others] = await eventsSince(world, async () => {
      const answer = await agent.get(callbackUrl);
      expectErrorRedirect(world, answer, { error: 'invalid_request', description: 'failed to obtain access token' });
      const secrets = [/NEW-TOKEN/, /a1b2c3d4/, new RegExp(code), /provider-secret/];
      expect(await leaksIn(answer, secrets)).toEqual([]);
    });
    expect(others).toEqual([]);
    expect(event).toMatchObject({
      type: 'f',
      details: { step: 'exchange', reason: expect.stringMatching(`^${reason}$`) },
    });
    expect(agent.cookies.has('auth0')).toBe(false);
  });
});

test('scripts that fail take nobody along: a sign-in beside them succeeds', async () => {
  const failing = ['loop', 'never'].map((connection) => createAgent().get(authorizeUrl(world, { connection })));
  const { agent, callbackUrl } = await beginSignIn(world, { connection: 'mapped' });
  expect(answerParameters(await agent.get(callbackUrl)).code).toMatch(/^ac_/);
  for (const answer of await Promise.all(failing)) expect(answer.location).toContain('error=invalid_request');
});
