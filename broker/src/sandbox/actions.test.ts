import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../core/json.ts';
import type { ActionApi, Script } from './sandbox.ts';
import { type SandboxWorld, startSandboxWorld } from './testing/sandbox-world.ts';
import { scriptModule } from './testing/script-module.ts';

let world: SandboxWorld;
beforeAll(async () => {
  world = await startSandboxWorld((_request, response) => response.end('{"ok":true}'));
});
afterAll(() => world.close());

const secret = 'shared-secret-1';
const redirect: ActionApi['redirect'] = {
  mayRedirect: true,
  issuer: 'portico.example',
  subject: 'oauth2|acme|1',
  ip: '198.51.100.7',
  state: 'state-1',
  parameters: {},
};
const plain: ActionApi = { trigger: 'post-login', cache: {}, redirect };

const runAction = (body: string, given: { event?: JsonObject; api?: Partial<ActionApi>; handler?: string } = {}) =>
  world.runScript({
    source: `exports.onExecutePostLogin = async (event, api) => {${body}};`,
    filename: 'enrich.js',
    entry: {
      kind: 'action',
      handler: given.handler ?? 'onExecutePostLogin',
      event: given.event ?? {},
      api: { ...plain, ...given.api },
    },
  });

async function effectsOf(body: string, given: Parameters<typeof runAction>[1] = {}): Promise<unknown> {
  const { outcome } = await runAction(body, given);
  expect(outcome).toMatchObject({ ok: true });
  return outcome.ok ? (outcome.value as JsonObject)['effects'] : undefined;
}

describe('what an Action asks for is written down in order', () => {
  test('claims, metadata, scopes and a denial; setters can be chained', async () => {
    const effects = await effectsOf(
      `api.idToken.setCustomClaim('a', { b: [1, null] }).accessToken.setCustomClaim('c', true);
      await null;
      api.user.setAppMetadata('gone', null).user.setUserMetadata('left', undefined);
      api.accessToken.addScope('x').accessToken.removeScope('y');
      api.access.deny('not today');`,
    );
    expect(effects).toEqual([
      { name: 'idToken.setCustomClaim', arguments: ['a', { b: [1, null] }] },
      { name: 'accessToken.setCustomClaim', arguments: ['c', true] },
      { name: 'user.setAppMetadata', arguments: ['gone', null] },
      { name: 'user.setUserMetadata', arguments: ['left'] },
      { name: 'accessToken.addScope', arguments: ['x'] },
      { name: 'accessToken.removeScope', arguments: ['y'] },
      { name: 'access.deny', arguments: ['not today'] },
    ]);
  });

  test('what is asked of an object later does not change what was asked before', async () => {
    const effects = await effectsOf(
      `const value = { n: 1 }; api.idToken.setCustomClaim('v', value); value.n = 2; api.idToken.setCustomClaim('w', value);`,
    );
    expect(effects).toMatchObject([{ arguments: ['v', { n: 1 }] }, { arguments: ['w', { n: 2 }] }]);
  });

  test.each([
    'multifactor.enable("any")',
    'authentication.challengeWith({ type: "otp" })',
    'authentication.challengeWithAny([{ type: "otp" }])',
    'authentication.enrollWith({ type: "otp" })',
    'authentication.enrollWithAny([])',
    'authentication.recordMethod("https://a.example")',
    'authentication.setPrimaryUser("oauth2|x|2")',
    'refreshToken.revoke("no")',
    'refreshToken.setExpiresAt(1)',
    'session.setIdleExpiresAt(new Date(0))',
    'session.evictMetadata()',
    'transaction.setMetadata("k", 1)',
    'prompt.render("ap_1", { fields: {} })',
    'validation.error("code", "text")',
    'samlResponse.setAttribute("a", "b")',
    'redirect.sendUserTo("https://a.example", { query: { q: "1" } })',
  ])('api.%s', async (call) => {
    expect(await effectsOf(`api.${call}`)).toMatchObject([{ name: call.slice(0, call.indexOf('(')) }]);
  });

  test.each(['groups.hasMembership("admins")', 'roles.assign(["rol_1"])'])(
    'api.%s ends the run: no answer about rights is better than a wrong one',
    async (call) => {
      const { outcome } = await runAction(`\n  await api.${call}; api.idToken.setCustomClaim('admin', true);`);
      expect(outcome).toMatchObject({
        ok: false,
        kind: 'contract',
        message: `api.${call.slice(0, call.indexOf('('))} is not served here.`,
        line: 2,
      });
      expect(await effectsOf('JSON.stringify(api); await api.groups; String(api.roles.then);')).toEqual([]);
    },
  );

  test('an argument that is not JSON ends the run and names the call and its place', async () => {
    for (const value of ['() => {}', '1n', '(() => { const a = {}; a.a = a; return a; })()', 'Symbol()']) {
      const { outcome } = await runAction(`\n  api.idToken.setCustomClaim('x', ${value});`);
      expect(outcome).toMatchObject({
        kind: 'contract',
        message: 'api.idToken.setCustomClaim was called with something that is not JSON.',
        line: 2,
      });
    }
  });

  test('more than the output limit is a limit of its own run', async () => {
    const { outcome } = await runAction(
      `for (let i = 0; i < 1e4; i++) api.user.setUserMetadata('k' + i, 'v'.repeat(999));`,
    );
    expect(outcome).toMatchObject({ kind: 'limit' });
  });

  test('credentials-exchange has access, accessToken and cache, and nothing else', async () => {
    const run = await world.runScript({
      source: `exports.onExecuteCredentialsExchange = async (event, api) => {
        api.accessToken.setCustomClaim('members', Object.keys(api).sort().join());
        api.access.deny('invalid_scope', 'no');
      };`,
      entry: {
        kind: 'action',
        handler: 'onExecuteCredentialsExchange',
        event: {},
        api: { ...plain, trigger: 'credentials-exchange' },
      },
    });
    expect(run.outcome).toMatchObject({
      value: {
        effects: [
          { name: 'accessToken.setCustomClaim', arguments: ['members', 'access,accessToken,cache'] },
          { name: 'access.deny', arguments: ['invalid_scope', 'no'] },
        ],
      },
    });
  });
});

describe('the Action is a CommonJS module', () => {
  const entry = {
    kind: 'action',
    handler: 'onExecutePostLogin',
    event: { user: { name: 'Ada' } },
    api: plain,
  } as const;
  const claimX = (value: unknown) => ({
    value: { effects: [{ name: 'idToken.setCustomClaim', arguments: ['x', value] }] },
  });

  test.each([
    ['exports', 'exports.onExecutePostLogin = (event, api) => { api.idToken.setCustomClaim("x", event.user.name); }'],
    [
      'module.exports',
      'module.exports = { onExecutePostLogin(event, api) { api.idToken.setCustomClaim("x", event.user.name); } };',
    ],
    [
      'sloppy mode',
      'exports.onExecutePostLogin = async (event, api) => { y = event.user.name; api.idToken.setCustomClaim("x", y); }',
    ],
    [
      'top-level names',
      'const wait = () => null; exports.onExecutePostLogin = async (e, api) => { await wait(); api.idToken.setCustomClaim("x", "Ada"); } // end',
    ],
  ])('%s', async (_name, source) => {
    expect((await world.runScript({ source, entry })).outcome).toMatchObject(claimX('Ada'));
  });

  test('a module that it was given is loaded once, also under a name with a version', async () => {
    const { outcome } = await world.runScript({
      source: `const one = require('left'); exports.onExecutePostLogin = async (event, api) => {
        api.idToken.setCustomClaim('x', [one === require('left@1.2.3'), require('@a/b').up('n'), new require('left').Kind().k]); };`,
      modules: {
        left: scriptModule(
          'left',
          'exports.Kind = function () { this.k = 7; return this; }; exports.again = require("@a/b");',
          '1.2.3',
        ),
        '@a/b': scriptModule('@a/b', 'module.exports = { up: (text) => text.toUpperCase(), ring: require("left") };'),
      },
      entry,
    });
    expect(outcome).toMatchObject(claimX([true, 'N', 7]));
  });

  test('another version than the one it was given is that one, with a note', async () => {
    const { outcome, consoleLines } = await world.runScript({
      source: `exports.onExecutePostLogin = async (event, api) => api.idToken.setCustomClaim('x', require('left@9.0.0'));`,
      modules: { left: scriptModule('left', 'module.exports = 7;', '1.2.3') },
      entry,
    });
    expect(outcome).toMatchObject(claimX(7));
    expect(consoleLines).toEqual([
      { level: 'warn', text: "require('left@9.0.0') gave the allowed version left@1.2.3." },
    ]);
  });

  test('what a module requires in vain is told with the name of the module', async () => {
    const { outcome } = await world.runScript({
      source: `require('left');`,
      modules: { left: scriptModule('left', 'require("fs").readFileSync("/etc/passwd");', '1.2.3') },
      entry,
    });
    expect(outcome).toMatchObject({
      kind: 'runtime',
      message: "Error: Cannot find module 'fs', which scripts do not have and the npm module left@1.2.3 requires",
    });
  });

  test('modules that are larger than a frame together reach the script, and a second script too', async () => {
    const text = (name: string) => `/* ${name} ${'x'.repeat(1_900_000)} */ module.exports = 1;`;
    const names = Array.from({ length: 9 }, (_, index) => `big-${index}`);
    const modules = Object.fromEntries(names.map((name) => [name, scriptModule(name, text(name))]));
    for (const sum of ['reduce((sum, name) => sum + require(name), 0)', 'map((name) => require(name)).length']) {
      const source = `exports.onExecutePostLogin = async (event, api) =>
        api.idToken.setCustomClaim('x', ${JSON.stringify(names)}.${sum});`;
      expect((await world.runScript({ source, modules, entry })).outcome).toMatchObject(claimX(9));
    }
  });

  test('a module that it was not given is not found', async () => {
    const { outcome } = await world.runScript({ source: `require('fs-extra-unknown');`, entry });
    expect(outcome).toMatchObject({
      kind: 'runtime',
      message: expect.stringContaining("Cannot find module 'fs-extra-unknown'"),
    });
  });

  test('without the handler the run fails; with nothing to do after a redirect it does not', async () => {
    const source = 'exports.other = () => {};';
    const failed = await world.runScript({ source, entry });
    expect(failed.outcome).toMatchObject({
      kind: 'contract',
      message: 'The Action does not export onExecutePostLogin.',
    });
    const passed = await world.runScript({ source, entry: { ...entry, handler: 'onContinuePostLogin' } });
    expect(passed.outcome).toEqual({ ok: true, value: { effects: [] } });
  });
});

describe('an error ends the run with its own place', () => {
  const failing: [name: string, source: string, outcome: object][] = [
    ['on the first line', 'exports.onExecutePostLogin = () => { nope() }', { kind: 'runtime', line: 1, column: 38 }],
    [
      'while it loads',
      'var a;\nnope();',
      { kind: 'runtime', message: 'ReferenceError: nope is not defined', line: 2, column: 1 },
    ],
    [
      'after an await',
      'exports.onExecutePostLogin = async () => { await null;\n throw new TypeError("late"); }',
      { kind: 'runtime', message: 'TypeError: late', line: 2, column: 8 },
    ],
    [
      'a rejection without an error',
      'exports.onExecutePostLogin = () => Promise.reject("no")',
      { kind: 'runtime', message: 'no' },
    ],
    [
      'syntax',
      'exports.onExecutePostLogin = async (event, api) => {\n  api.;\n}',
      { kind: 'syntax', line: 2, column: 7 },
    ],
    ['syntax on the first line', 'exports.onExecutePostLogin = =', { kind: 'syntax', line: 1, column: 30 }],
    ['ends too early', '}); (function () {', { kind: 'contract' }],
    ['never settles', 'exports.onExecutePostLogin = () => new Promise(() => {})', { kind: 'contract' }],
    ['loops', 'exports.onExecutePostLogin = async () => { for (;;) await null; }', { kind: 'timeout' }],
  ];
  test.each(failing)('%s', async (_name, source, outcome) => {
    const entry: Script['entry'] = { kind: 'action', handler: 'onExecutePostLogin', event: {}, api: plain };
    expect((await world.runScript({ source, filename: 'enrich.js', entry })).outcome).toMatchObject({
      ok: false,
      ...outcome,
    });
  });
});

describe('the cache', () => {
  test('answers what was kept and what this run has written', async () => {
    const effects = await effectsOf(
      `const seen = [api.cache.get('kept'), api.cache.get('timed'), api.cache.get('none'), api.cache.get('toString')];
      api.cache.set('kept', 'new', { ttl: 1000 }); api.cache.delete('timed');
      seen.push(api.cache.get('kept').value, api.cache.get('timed'), api.cache.set('n', 1).type);
      api.idToken.setCustomClaim('seen', seen.map((one) => one ?? null));`,
      { api: { cache: { kept: 'old', timed: { value: 'v', expires_at: 5 } } } },
    );
    expect(effects).toEqual([
      { name: 'cache.set', arguments: ['kept', 'new', { ttl: 1000 }] },
      { name: 'cache.delete', arguments: ['timed'] },
      {
        name: 'idToken.setCustomClaim',
        arguments: ['seen', [{ value: 'old' }, { value: 'v', expires_at: 5 }, null, null, 'new', null, 'error']],
      },
    ]);
  });
});

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
function signed(claims: object, key = secret, header: object = { alg: 'HS256', typ: 'JWT' }): string {
  const text = `${encode(header)}.${encode(claims)}`;
  return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`;
}
const inAMinute = () => Math.floor(Date.now() / 1000) + 60;

describe('the token of a redirect', () => {
  test('is signed with the secret, about this person, for 15 minutes; a payload cannot change that', async () => {
    const effects = (await effectsOf(
      `const token = api.redirect.encodeToken({ secret: event.secrets.KEY, payload: { a: 'ä', sub: 'other' } });
      api.redirect.sendUserTo('https://a.example/', { query: { token } });`,
      { event: { secrets: { KEY: secret } } },
    )) as [{ arguments: [string, { query: { token: string } }] }];
    const [head = '', body = '', signature] = effects[0].arguments[1].query.token.split('.');
    expect(signature).toBe(createHmac('sha256', secret).update(`${head}.${body}`).digest('base64url'));
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString());
    expect(claims).toMatchObject({ a: 'ä', sub: redirect.subject, iss: redirect.issuer, ip: redirect.ip });
    expect(claims.exp - claims.iat).toBe(900);
  });

  const validates = (token: string | undefined, options = `{ secret: '${secret}' }`) =>
    runAction(`api.idToken.setCustomClaim('x', api.redirect.validateToken(${options}).answer);`, {
      api: { redirect: { ...redirect, parameters: token === undefined ? {} : { session_token: token, other: token } } },
    });

  test('that comes back is accepted with its state, also under another name', async () => {
    const token = signed({ exp: inAMinute(), state: 'state-1', sub: redirect.subject, answer: 'yes ✓' });
    const accepted = { value: { effects: [{ name: 'idToken.setCustomClaim', arguments: ['x', 'yes ✓'] }] } };
    expect((await validates(token)).outcome).toMatchObject(accepted);
    expect((await validates(token, `{ secret: '${secret}', tokenParameterName: 'other' }`)).outcome).toMatchObject(
      accepted,
    );
  });

  const good = { exp: 4_000_000_000, state: 'state-1', sub: redirect.subject };
  test.each<[string, string | undefined, string]>([
    ['is missing', undefined, 'there is no parameter session_token.'],
    ['is no token', 'a.b', 'it is not a JSON Web Token.'],
    ['has a head that is not JSON', 'a.b.c', 'it is not a JSON Web Token.'],
    ['is signed with another secret', signed(good, 'another'), 'its signature is wrong.'],
    [
      'is too long to be signed, and is not',
      `${encode({ alg: 'HS256' })}.${encode({ ...good, fill: 'x'.repeat(300_000) })}.`,
      'it is too long.',
    ],
    ['is not signed', `${encode({ alg: 'none' })}.${encode(good)}.`, 'it is not signed with HS256.'],
    ['names another algorithm', signed(good, secret, { alg: 'HS512' }), 'it is not signed with HS256.'],
    ['has expired', signed({ ...good, exp: 1_000_000_000 }), 'it has expired.'],
    ['never expires', signed({ ...good, exp: undefined }), 'it has expired.'],
    ['is not valid yet', signed({ ...good, nbf: 4_000_000_000 }), 'it is not valid yet.'],
    ['belongs to another sign-in', signed({ ...good, state: 'state-2' }), 'its state is not that of this sign-in.'],
    ['has no state', signed({ ...good, state: undefined }), 'its state is not that of this sign-in.'],
    ['is about somebody else', signed({ ...good, sub: 'oauth2|acme|2' }), 'it is about somebody else.'],
  ])('that %s is refused', async (_name, token, why) => {
    expect((await validates(token)).outcome).toMatchObject({
      kind: 'runtime',
      message: `Error: The session token is invalid: ${why}`,
      line: 1,
    });
  });

  test('is not made without a secret', async () => {
    expect((await runAction('api.redirect.encodeToken({ payload: {} })')).outcome).toMatchObject({ kind: 'runtime' });
  });
});

test('an Action and a profile script of the same text never share an isolate', async () => {
  const source =
    'exports.onExecutePostLogin = exports.default = (event, api) => api?.idToken?.setCustomClaim?.("x", 1)';
  for (let round = 0; round < 3; round += 1) {
    const entry = { kind: 'action', handler: 'onExecutePostLogin', event: {}, api: plain } as const;
    expect((await world.runScript({ source, entry })).outcome).toMatchObject({ ok: true });
    expect((await world.runScript({ source, entry: { kind: 'return', arguments: [] } })).outcome).toMatchObject({
      ok: false,
    });
  }
});

test('secrets of an Action are in nothing that is kept of its run', async () => {
  const run = await runAction(
    `console.log(event.secrets.KEY); const answer = await new Promise((resolve) =>
      request('${world.origin}/?q=' + event.secrets.KEY, (error, response, body) => resolve(body)));
    throw new Error('with ' + event.secrets.KEY + answer);`,
    { event: { secrets: { KEY: 'secret-of-the-action' } } },
  );
  expect(run.outcome).toMatchObject({ kind: 'runtime', message: 'Error: with [hidden]{"ok":true}' });
  expect(JSON.stringify(run)).not.toContain('secret-of-the-action');
});

test('patched built-ins of an Action harm itself only, with a prompt result of its own', async () => {
  for (const patch of [
    'JSON.stringify = () => "forged"',
    'Array.prototype[Symbol.iterator] = () => { throw 1 }',
    'Promise.prototype.then = () => { throw 1 }',
    'Object.prototype.toJSON = () => ({ forged: 1 })',
    'Array.prototype.push = Array.prototype.join = () => { throw 1 }',
  ]) {
    const { outcome } = await runAction(`${patch}; api.idToken.setCustomClaim('x', 1);`);
    const effects = [{ name: 'idToken.setCustomClaim', arguments: ['x', 1] }];
    if (outcome.ok) expect(outcome.value).toEqual({ effects });
    else expect(outcome.kind).toBe('runtime');
  }
});
