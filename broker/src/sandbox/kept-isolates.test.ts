import { afterAll, beforeAll, expect, test } from 'vitest';
import { type SandboxWorld, startSandboxWorld } from './testing/sandbox-world.ts';
import { scriptModule } from './testing/script-module.ts';

/*
 * An isolate may serve the same script again. These tests run one script many times on one host and look for anything
 * that one run could leave for the next.
 */

let world: SandboxWorld;

beforeAll(async () => {
  world = await startSandboxWorld((_request, response) => response.end('{"ok":true}'));
});
afterAll(() => world.close());

async function runs(source: string, count: number): Promise<unknown[]> {
  const values: unknown[] = [];
  for (let run = 0; run < count; run += 1) {
    const { outcome } = await world.run(source);
    values.push(outcome.ok ? outcome.value : outcome.kind);
  }
  return values;
}

const always = (value: unknown, count: number) => Array.from({ length: count }, () => value);

test('a global that one run leaves is not there in the next, not even an undeclared one', async () => {
  const source = `function (token, ctx, callback) {
    var before = typeof leftover + typeof globalThis.secret;
    leftover = 1;
    globalThis.secret = token;
    callback(null, { user_id: before });
  }`;
  expect(await runs(source, 12)).toEqual(always({ user_id: 'undefinedundefined' }, 12));
});

test('a built-in that one run patches is whole again in the next', async () => {
  const source = `function (token, ctx, callback) {
    var isWhole = [1].map(String)[0] === '1' && typeof JSON.parse === 'function' && !('stolen' in Object.prototype);
    Array.prototype.map = function () { return ['patched']; };
    JSON.parse = null;
    Promise.prototype.then = null;
    Object.prototype.stolen = token;
    callback(null, { user_id: String(isWhole) });
  }`;
  expect(await runs(source, 12)).toEqual(always({ user_id: 'true' }, 12));
});

test('what a run hides in request, console, Buffer, module or a symbol of the registry is gone in the next', async () => {
  const source = `function (token, ctx, callback) {
    var key = Symbol.for('portico-test');
    var seen = [request, console, Buffer, module, exports, Function.prototype, key.constructor]
      .some(function (place) { return place[key] !== undefined; });
    [request, console, Buffer, module, exports, Function.prototype, key.constructor]
      .forEach(function (place) { place[key] = token; });
    callback(null, { user_id: String(seen) });
  }`;
  expect(await runs(source, 12)).toEqual(always({ user_id: 'false' }, 12));
});

test('a run that leaves a timer, a request or a promise behind never acts in a later run', async () => {
  const source = `function (token, ctx, callback) {
    var seen = typeof acted;
    setTimeout(function () { globalThis.acted = true; callback(null, { user_id: 'late' }); }, 5);
    request.get('{url}', function () { globalThis.acted = true; callback(null, { user_id: 'late' }); });
    Promise.resolve().then(function again() { return Promise.resolve(); }).then(function () { globalThis.acted = true; });
    callback(null, { user_id: seen });
  }`.replace('{url}', world.origin);
  expect(await runs(source, 12)).toEqual(always({ user_id: 'undefined' }, 12));
});

test('two scripts never see each other, and runs side by side keep their own context', async () => {
  const source = (name: string) =>
    `function (token, ctx, callback) {
    globalThis.mark = (globalThis.mark || '') + '{name}';
    request.get('{url}', function () { callback(null, { user_id: globalThis.mark + ctx.who }); });
  }`
      .replace('{name}', name)
      .replace('{url}', world.origin);
  const outcomes = await Promise.all(
    Array.from({ length: 40 }, async (_, index) => {
      const name = index % 2 === 0 ? 'even' : 'odd';
      const { outcome } = await world.run(source(name), { who: `-${index}` });
      return outcome;
    }),
  );
  outcomes.forEach((outcome, index) => {
    const name = index % 2 === 0 ? 'even' : 'odd';
    expect(outcome).toMatchObject({ ok: true, value: { user_id: `${name}-${index}` } });
  });
});

test('a run that fails takes its isolate with it; the next one works', async () => {
  const source = `function (token, ctx, callback) {
    if (ctx.fails) { while (true) {} }
    callback(null, { user_id: 'fine' });
  }`;
  expect((await world.run(source)).outcome).toMatchObject({ ok: true });
  expect((await world.run(source, { fails: true })).outcome).toMatchObject({ ok: false, kind: 'timeout' });
  expect((await world.run(source)).outcome).toMatchObject({ ok: true, value: { user_id: 'fine' } });
});

test('the same text with another configuration or other modules is another script', async () => {
  const source = `function (callback) {
    Math.left = (Math.left || '') + configuration.KEY;
    callback(null, { user_id: Math.left + require('given') });
  }`;
  for (let round = 0; round < 4; round += 1) {
    for (const name of ['one', 'two']) {
      const { outcome } = await world.runScript({
        source,
        entry: { kind: 'callback', arguments: [] },
        configuration: { KEY: name },
        modules: { given: scriptModule('given', `module.exports = '-${name}';`) },
      });
      expect(outcome).toEqual({ ok: true, value: { user_id: `${name}-${name}` } });
    }
  }
});
