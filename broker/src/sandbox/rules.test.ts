import { afterAll, beforeAll, expect, test } from 'vitest';
import { type SandboxWorld, startSandboxWorld } from './testing/sandbox-world.ts';

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
