import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TraceId } from '../core/ids.ts';
import type { JsonObject } from '../core/json.ts';
import { createRecordingSandbox } from './recording-sandbox.ts';
import { type SandboxWorld, startSandboxWorld, testLimits } from './testing/sandbox-world.ts';

let world: SandboxWorld;
beforeAll(async () => {
  world = await startSandboxWorld((_request, response) => response.end('{"role":"admin"}'));
});
afterAll(() => world.close());

const runRule = (source: string) =>
  world.runScript({
    source,
    filename: 'add-roles.js',
    entry: { kind: 'rule', user: { user_id: 'u-1' }, context: { clientID: 'c-1', idToken: {} } },
    configuration: { NAMESPACE: 'https://a.example/' },
  });

test('a rule changes the user and the context, with what it asked for and its configuration', async () => {
  const { outcome } = await runRule(`function (user, context, callback) {
    request.get({ url: '${world.origin}', json: true }, function (error, response, body) {
      user.role = body.role;
      context.idToken[configuration.NAMESPACE + 'role'] = body.role;
      callback(error, user, context);
    });
  }`);
  expect(outcome).toEqual({
    ok: true,
    value: {
      user: { user_id: 'u-1', role: 'admin' },
      context: { clientID: 'c-1', idToken: { 'https://a.example/role': 'admin' } },
      effects: [],
    },
  });
});

test.each(['callback()', 'callback(null)', 'callback(null, user)', 'callback(null, user, context)'])(
  'what a rule changed counts with %s',
  async (call) => {
    const { outcome } = await runRule(
      `function (user, context, callback) { user.a = 1; context.redirect = { url: 'https://b.example' }; ${call}; }`,
    );
    expect(outcome).toMatchObject({ value: { user: { a: 1 }, context: { redirect: { url: 'https://b.example' } } } });
  },
);

test('an error that a rule calls back with keeps its name, and its place', async () => {
  const named = await runRule(`function (user, context, callback) {
    var error = new Error('no access'); error.name = 'UnauthorizedError';
    callback(error);
  }`);
  expect(named.outcome).toMatchObject({
    kind: 'callback',
    name: 'UnauthorizedError',
    message: 'no access',
    line: 2,
  });
  const own = await runRule('function (user, context, callback) { callback(new UnauthorizedError("not you")); }');
  expect(own.outcome).toMatchObject({ kind: 'callback', name: 'UnauthorizedError', message: 'not you', line: 1 });
  const text = await runRule('function (user, context, callback) { callback("plain"); }');
  expect(text.outcome).toEqual({ ok: false, kind: 'callback', message: 'plain' });
});

test('metadata that a rule saves is told in order, and its promise is kept', async () => {
  const { outcome } = await runRule(`function (user, context, callback) {
    auth0.users.updateAppMetadata(user.user_id, { plan: 'gold' })
      .then(function () { return auth0.users.updateUserMetadata(user.user_id, { color: 'red' }); })
      .then(function (saved) { user.saved = saved.user_metadata.color; callback(null, user, context); })
      .catch(callback);
  }`);
  expect(outcome).toMatchObject({
    value: {
      user: { saved: 'red' },
      effects: [
        { name: 'users.updateAppMetadata', arguments: ['u-1', { plan: 'gold' }] },
        { name: 'users.updateUserMetadata', arguments: ['u-1', { color: 'red' }] },
      ],
    },
  });
});

test.each([
  [
    'never calls back',
    'function (user, context, callback) {}',
    { kind: 'contract', message: 'The rule never called back.' },
  ],
  ['throws', 'function (user, context, callback) {\n nope(); }', { kind: 'runtime', line: 2, column: 2 }],
  ['rejects', 'async function (user, context, callback) {\n throw new Error("x"); }', { kind: 'runtime', line: 2 }],
  [
    'makes a ring',
    'function (user, context, callback) { user.user = user; callback(null, user, context); }',
    { kind: 'contract' },
  ],
])('a rule that %s fails', async (_name, source, outcome) => {
  expect((await runRule(source)).outcome).toMatchObject({ ok: false, ...outcome });
});

const withGlobal = (source: string, global: JsonObject) =>
  world.runScript({
    source,
    filename: 'cache.js',
    entry: { kind: 'rule', user: {}, context: {}, global, issuer: 'https://id.example.com/' },
  });

test('what a rule finds on global is what was left there, and what it changes is told', async () => {
  const { outcome } = await withGlobal(
    `function (user, context, callback) {
      user.found = [global.token, kept.length, typeof fresh];
      global.fresh = global.fresh || { until: 5, list: [1, '2', null] };
      global.token = undefined;
      delete global.kept;
      implied = 'also on global';
      callback(null, user, context);
    }`,
    { token: 'cached-elsewhere', kept: [1, 2], same: { a: 1 } },
  );
  expect(outcome).toMatchObject({
    ok: true,
    value: {
      user: { found: ['cached-elsewhere', 2, 'undefined'] },
      effects: [
        { name: 'global.set', arguments: ['fresh', { until: 5, list: [1, '2', null] }] },
        { name: 'global.set', arguments: ['implied', 'also on global'] },
        { name: 'global.delete', arguments: ['kept'] },
      ],
    },
  });
});

test('what is not JSON is not kept on global, and the rule goes on', async () => {
  const { outcome, consoleLines } = await withGlobal(
    `function (user, context, callback) {
      global.help = function () { return 'me'; };
      global.ring = {}; global.ring.ring = global.ring;
      global.big = 10n;
      Object.defineProperty(global, 'loud', { enumerable: true, get: function () { throw new Error('not asked'); } });
      global.fine = 1;
      callback(null, user, context);
    }`,
    {},
  );
  expect(outcome).toMatchObject({ value: { effects: [{ name: 'global.set', arguments: ['fine', 1] }] } });
  expect(consoleLines.map(({ text }) => text)).toEqual(
    ['help', 'ring', 'big'].map((name) => `global.${name} is not JSON: later runs do not have it.`),
  );
});

test('nothing that was left on global takes the place of what is ours', async () => {
  const names = ['require', 'request', 'configuration', 'JSON', 'auth0', 'global', 'console', 'jwt', '__proto__'];
  const { outcome } = await withGlobal(
    `function (user, context, callback) {
      user.types = ${JSON.stringify(names)}.map(function (name) { return typeof global[name]; }).join();
      callback(null, user, context);
    }`,
    Object.fromEntries(names.map((name) => [name, 'taken'])),
  );
  expect(outcome).toMatchObject({
    value: {
      user: { types: 'function,function,object,object,object,object,object,object,object' },
      effects: [],
    },
  });
});

test('a rule knows where it runs, and is told why it has no token for the Management API', async () => {
  const { outcome } = await withGlobal(
    `function (user, context, callback) {
      user.at = [auth0.domain, auth0.baseUrl, JSON.stringify(auth0)];
      try { auth0.accessToken; } catch (error) { user.why = [error.code, error.message]; }
      callback(null, user, context);
    }`,
    {},
  );
  expect(outcome).toMatchObject({
    value: {
      user: {
        at: ['id.example.com', 'https://id.example.com/api/v2', expect.stringContaining('"domain":"id.example.com"')],
        why: ['NOT_SUPPORTED', expect.stringContaining('auth0.accessToken is not supported here')],
      },
    },
  });
});

test('what is kept of a run has no value of global, neither found nor left there', async () => {
  const kept: unknown[] = [];
  const recording = createRecordingSandbox(world.sandbox, testLimits);
  const run = await recording.run({
    source: `function (user, context, callback) {
      console.log('with ' + global.keys.inner[0]);
      global.next = { token: 'left-on-global-2' };
      user.token = global.keys.inner[0];
      callback(null, user, context);
    }`,
    filename: 'cache.js',
    entry: { kind: 'rule', user: {}, context: {}, global: { keys: { inner: ['found-on-global-1'] } } },
    secrets: [],
    trace: { id: 'trace' as TraceId, record: () => undefined, keepRun: (run) => kept.push(run()) },
  });
  expect(run.outcome).toMatchObject({ value: { effects: [{ arguments: ['next', { token: 'left-on-global-2' }] }] } });
  expect(kept).toMatchObject([{ outcome: { ok: true, value: { effects: [{ arguments: ['next', '[hidden]'] }] } } }]);
  const [{ source, ...others } = { source: '' }] = kept as { source: string }[];
  expect(JSON.stringify(others)).not.toContain('-on-global-');
  expect(source).toContain('left-on-global-2');
});
