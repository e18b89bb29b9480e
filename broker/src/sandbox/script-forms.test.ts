import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SandboxWorld, startSandboxWorld } from './testing/sandbox-world.ts';

let world: SandboxWorld;
beforeAll(async () => {
  world = await startSandboxWorld((_request, response) => response.end('{}'));
});
afterAll(() => world.close());

describe('every form of function and export runs', () => {
  const forms: Record<string, string> = {
    anonymous: 'function(accessToken, ctx, cb) { cb(null, { user_id: ctx.id }); }',
    named: 'function anyName(token, context, callback) { callback(null, { user_id: context.id }); }',
    arrow: '(accessToken, ctx, cb) => cb(null, { user_id: ctx.id })',
    async: 'async function (accessToken, { id }, cb) { await null; cb(null, { user_id: id }); }',
    'async arrow': 'async (accessToken, ctx, cb) => { await Promise.resolve(); cb(null, { user_id: ctx.id }); }',
    'leading comments': '// one\n/* two */\nfunction (a, ctx, cb) { cb(null, { user_id: ctx.id }); }',
    'a trailing semicolon': 'function (a, ctx, cb) { cb(null, { user_id: ctx.id }); };',
    'a trailing semicolon and comments':
      'function (a, ctx, cb) { cb(null, { user_id: ctx.id, u: "http://x" }); }; // end\n/* of it */\n',
    'module.exports': 'module.exports = function (a, ctx, cb) { cb(null, { user_id: ctx.id }); };',
    'exports.fetchUserProfile': 'exports.fetchUserProfile = function (a, ctx, cb) { cb(null, { user_id: ctx.id }); };',
    'a function that makes the function':
      '(() => { function f(a, ctx, cb) { cb(null, { user_id: ctx.id }); } if (module) module.exports = f; return f; })()',
    'one that only exports': '(() => { exports.default = (a, ctx, cb) => cb(null, { user_id: ctx.id }); })()',
    'no parameters': 'function () { const [a, ctx, cb] = [...arguments]; cb(null, { user_id: ctx.id }); }',
    'sloppy mode': 'function (a, ctx, cb) { profile = { user_id: ctx.id }; cb(null, profile); }',
    'strict inside': 'function (a, ctx, cb) { "use strict"; cb(null, { user_id: ctx.id }); }',
    'an extra argument': 'function (a, ctx, cb) { cb(null, { user_id: ctx.id }, ctx); }',
    'require of request':
      "function (a, ctx, cb) { var r = require('request'); cb(typeof r.get === 'function' ? null : 'no', { user_id: ctx.id }); }",
  };
  test.each(Object.entries(forms))('%s', async (_name, source) => {
    const run = await world.run(source, { id: 'u-1' });
    expect(run.outcome).toMatchObject({ ok: true, value: { user_id: 'u-1' } });
  });
});

describe('a run that fails says why and where', () => {
  const failures: [name: string, source: string, outcome: object][] = [
    [
      'syntax',
      'function (a, ctx, cb) {\n  cb(null, {user_id: }); }',
      { kind: 'syntax', message: "SyntaxError: Unexpected token '}'", line: 2, column: 22 },
    ],
    ['cut off', 'function (a, ctx, cb) {\n  cb(', { kind: 'syntax', line: 2 }],
    ['two functions', 'function function(a) {}', { kind: 'syntax', line: 1, column: 10 }],
    [
      'undeclared name',
      'function (a, ctx, cb) {\n  cb(null, profile);\n}',
      { kind: 'runtime', message: 'ReferenceError: profile is not defined', line: 2, column: 12 },
    ],
    ['first line', 'function (a, ctx, cb) { nope() }', { kind: 'runtime', line: 1, column: 25 }],
    [
      'throws later',
      'function (a, ctx, cb) { setTimeout(() => {\n throw new TypeError("late"); }, 5) }',
      { kind: 'runtime', message: 'TypeError: late', line: 2, column: 8 },
    ],
    [
      'throws in the answer',
      'function (a, ctx, cb) { request("ORIGIN/", () => {\n JSON.parse("<html>") }) }',
      { kind: 'runtime', line: 2, column: 7 },
    ],
    [
      'rejects after an await',
      'async function (a, ctx, cb) { await null;\n throw new Error("after"); }',
      { kind: 'runtime', message: 'Error: after', line: 2, column: 8 },
    ],
    ['rejects without an error', 'function (a, ctx, cb) { Promise.reject("plain") }', { kind: 'runtime' }],
    ['throws nothing', 'function (a, ctx, cb) { throw undefined }', { kind: 'runtime', message: 'undefined' }],
    [
      'throws a hostile error',
      'function (a, ctx, cb) { throw { get message() { throw 1 }, get stack() { throw 2 } } }',
      { kind: 'runtime' },
    ],
    ['string error', 'function (a, ctx, cb) { cb("no such user") }', { kind: 'callback', message: 'no such user' }],
    [
      'Error',
      'function (a, ctx, cb) {\n cb(new Error("denied")) }',
      { kind: 'callback', message: 'denied', line: 2, column: 5 },
    ],
    [
      'object error',
      'function (a, ctx, cb) { cb({ description: "quota", code: 7 }) }',
      { kind: 'callback', message: 'quota' },
    ],
    ['never calls back', 'function (a, ctx, cb) {}', { kind: 'contract', message: 'The script never called back.' }],
    ['async and never calls back', 'async function (a, ctx, cb) { await null }', { kind: 'contract' }],
    [
      'never calls back after an answer',
      'function (a, ctx, cb) { request("ORIGIN/", () => {}) }',
      { kind: 'contract' },
    ],
    ['no profile', 'function (a, ctx, cb) {\n cb(null) }', { kind: 'contract', line: 2, column: 2 }],
    ['null', 'function (a, ctx, cb) { cb(null, null) }', { kind: 'contract' }],
    ['a function', 'function (a, ctx, cb) { cb(null, function () {}) }', { kind: 'contract' }],
    ['a text', 'function (a, ctx, cb) { cb(null, "x") }', { kind: 'contract' }],
    ['a cycle', 'function (a, ctx, cb) { var p = {}; p.p = p; cb(null, p) }', { kind: 'contract' }],
    ['a BigInt', 'function (a, ctx, cb) { cb(null, { user_id: 1n }) }', { kind: 'contract' }],
    [
      'a throwing proxy',
      'function (a, ctx, cb) { cb(null, new Proxy({}, { ownKeys() { throw new Error("x") } })) }',
      { kind: 'contract' },
    ],
    ['too large', 'function (a, ctx, cb) { cb(null, { x: "x".repeat(200000) }) }', { kind: 'limit' }],
    ['too large in bytes', 'function (a, ctx, cb) { cb(null, { x: "é".repeat(90000) }) }', { kind: 'limit' }],
    ['not a function', '({ user_id: 1 })', { kind: 'contract' }],
    [
      'an unknown module',
      'function (a, ctx, cb) { require("fs") }',
      { kind: 'runtime', message: "Error: Cannot find module 'fs'" },
    ],
    [
      'throws while it loads',
      '(() => { throw new RangeError("load") })()',
      { kind: 'runtime', message: 'RangeError: load' },
    ],
  ];
  test.each(failures)('%s', async (_name, source, outcome) => {
    const run = await world.run(source.replaceAll('ORIGIN', world.origin));
    expect(run.outcome).toMatchObject({ ok: false, ...outcome });
    expect(JSON.stringify(run)).not.toMatch(/portico:guest|node:internal|\/sandbox\/|isolated-vm/);
  });
});

test('the first call back wins; a second one and a later throw are only noted', async () => {
  const run = await world.run(
    'function (a, ctx, cb) { cb(null, { user_id: 1 }); cb(new Error("second")); throw new Error("third"); }',
  );
  expect(run.outcome).toEqual({ ok: true, value: { user_id: 1 } });
  const texts = run.consoleLines.map((line) => line.text);
  expect(texts[0]).toBe('The script called back more than once. The first call counts.');
  expect(texts[1]).toContain('third');
});

test('a call back before an unhandled rejection counts', async () => {
  const run = await world.run('function (a, ctx, cb) { Promise.reject(new Error("x")); cb(null, { user_id: 1 }); }');
  expect(run.outcome).toEqual({ ok: true, value: { user_id: 1 } });
});

test('nothing of one run is seen by the next', async () => {
  const leave =
    'function (a, ctx, cb) { left = 1; Array.prototype.left = 1; global.left2 = 1; module.left = 1; cb(null, { user_id: 1 }); }';
  const look =
    'function (a, ctx, cb) { cb(null, { seen: [typeof left, typeof [].left, typeof global.left2, typeof module.left] }); }';
  for (let round = 0; round < 4; round++) {
    await world.run(leave);
    const run = await world.run(look);
    expect(run.outcome).toEqual({ ok: true, value: { seen: ['undefined', 'undefined', 'undefined', 'undefined'] } });
  }
});

test('a profile with __proto__ cannot touch a prototype', async () => {
  const run = await world.run(
    'function (a, ctx, cb) { cb(null, JSON.parse(\'{"user_id":1,"__proto__":{"isAdmin":true},"a":{"__proto__":{"b":1}}}\')) }',
  );
  expect(run.outcome).toEqual({ ok: true, value: { user_id: 1, a: {} } });
  if (run.outcome.ok) expect(Object.keys(Object(run.outcome.value))).toEqual(['user_id', 'a']);
});

test('console lines are kept in order, without the access token and without control characters', async () => {
  const run = await world.run(
    'function (token, ctx, cb) { console.log("t %s %d", token, 1, { a: [1] }); console.error(new Error("e").message); console.warn("\\u001b[31mred"); cb(null, {}) }',
  );
  expect(run.consoleLines).toEqual([
    { level: 'log', text: 't [hidden] 1 {"a":[1]}' },
    { level: 'error', text: 'e' },
    { level: 'warn', text: '\\u001b[31mred' },
  ]);
});

test('console lines before an endless loop are not lost', async () => {
  const run = await world.run('function (token, ctx, cb) { console.log("here"); for (;;); }');
  expect(run.outcome).toMatchObject({ kind: 'timeout' });
  expect(run.consoleLines).toEqual([{ level: 'log', text: 'here' }]);
});
