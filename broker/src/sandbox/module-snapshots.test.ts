import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createModuleSnapshots, recordModules } from './host/module-snapshots.mjs';
import { type SandboxWorld, startSandboxWorld } from './testing/sandbox-world.ts';

/*
 * From its third run on, a script that requires modules may get a world in which they have run already. These tests look
 * for anything by which a script could tell, and for anything that one run could leave for the next in a module.
 */

const runs = 5;
let world: SandboxWorld;

beforeAll(async () => {
  world = await startSandboxWorld((_request, response) => response.end('{"ok":true}'), { memoryMb: 128 });
});
afterAll(() => world.close());

async function runAgain(source: string): Promise<unknown[]> {
  const values: unknown[] = [];
  for (let run = 0; run < runs; run += 1) {
    const { outcome, consoleLines } = await world.run(source);
    values.push({ outcome, consoleLines });
  }
  return values;
}

const listFile = join(import.meta.dirname, 'dist', 'modules.json');
const names = (JSON.parse(readFileSync(listFile, 'utf8')) as { name: string }[]).map(({ name }) => name);

/** What can be seen of a module, and of the globals, once it is there. */
const describeModule = (name: string) => `function (token, ctx, cb) {
  function shape(value, depth) {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return typeof value;
    if (depth === 0) return typeof value;
    // V8 adds this one to Error when a context starts; xml2js copies what it finds there.
    var names = Object.getOwnPropertyNames(value).filter(function (key) { return key !== 'stackTraceLimit'; });
    return names.sort().map(function (key) {
      try { return key + ':' + shape(value[key], depth - 1); } catch (error) { return key + '!' + error.name; }
    }).join();
  }
  var made = require('${name}');
  cb(null, { user_id: 'x', made: shape(made, 2), globals: Object.getOwnPropertyNames(globalThis).sort().join() });
}`;

test.each(names)('%s is the same module in every run', async (name) => {
  const [first, ...others] = await runAgain(describeModule(name));
  expect(first).toMatchObject({ outcome: { ok: true } });
  for (const other of others) expect(other).toEqual(first);
  expect(world.events.map(({ event }) => event)).not.toContain('script_host_lost');
});

test('many modules together, and globals that are modules, are the same in every run', async () => {
  const [first, ...others] = await runAgain(`function (token, ctx, cb) {
    var jsonwebtoken = require('jsonwebtoken'), lodash = require('lodash'), axios = require('axios');
    require('xml2js').parseString('<a><b>1</b></a>', function (error, parsed) {
      cb(error, {
        user_id: _.kebabCase('Foo Bar') + lodash.last([1, 2]) + parsed.a.b[0],
        same: [_ === lodash, jwt === jsonwebtoken, typeof fetch, typeof axios.get],
        token: jwt.verify(jwt.sign({ a: 1 }, 'secret', { noTimestamp: true }), 'secret'),
      });
    });
  }`);
  expect(first).toMatchObject({
    outcome: {
      value: { user_id: 'foo-bar21', same: [true, true, 'function', 'function'], token: { a: 1 } },
    },
  });
  for (const other of others) expect(other).toEqual(first);
});

test('a version that is not the bundled one is noted in every run', async () => {
  for (const value of await runAgain(
    `function (token, ctx, cb) { cb(null, { user_id: typeof require('lodash@2.4.1').map }) }`,
  )) {
    expect(value).toMatchObject({ consoleLines: [{ text: expect.stringContaining('lodash@2.4.1') }] });
  }
});

test('a module is run once for many runs, and none of them sees what another did to it', async () => {
  const values = await runAgain(`function (token, ctx, cb) {
    var define = Object.defineProperty, defined = 0;
    Object.defineProperty = function () { defined++; return define.apply(Object, arguments); };
    var lodash = require('lodash');
    Object.defineProperty = define;
    var seen = [lodash.stolen, lodash.map([1], String)[0], _.stolen, require('lodash').templateSettings.imports.stolen];
    lodash.stolen = lodash.templateSettings.imports.stolen = token;
    lodash.map = lodash.prototype.map = function () { return ['patched']; };
    cb(null, { user_id: 'x', isRun: defined > 0, seen: seen });
  }`);
  const seen = values.map((value) => (value as { outcome: { value: { seen: unknown } } }).outcome.value.seen);
  expect(seen).toEqual(Array.from({ length: runs }, () => [null, '1', null, null]));
  const isRun = values.map((value) => (value as { outcome: { value: { isRun: unknown } } }).outcome.value.isRun);
  expect([isRun[0], isRun.at(-1)]).toEqual([true, false]);
});

const asked = (...modules: string[]) => {
  const list = new Map<string, [string, string, string]>();
  for (const name of modules) {
    recordModules(list, 'resolve', name, JSON.stringify({ name }));
    recordModules(list, 'module', name, `the text of ${name}`);
  }
  return list;
};

test('scripts with the same modules share a snapshot, which is made at the second run and again when they grow', () => {
  const made: string[][] = [];
  const snapshots = createModuleSnapshots((entries) => {
    made.push(entries.filter(([op]) => op === 'module').map(([, name]) => name));
    return { number: made.length };
  });
  snapshots.learn('first', asked('a', 'b'));
  expect([made, snapshots.find('first')]).toEqual([[], undefined]);
  snapshots.learn('first', asked('a', 'b'));
  expect([made, snapshots.find('first')]).toEqual([[['a', 'b']], { number: 1 }]);
  for (const _ of [1, 2]) snapshots.learn('second', asked('a', 'b'));
  expect(snapshots.find('second')).toBe(snapshots.find('first'));
  // A way through the script that asks for one more.
  snapshots.learn('first', asked('c'));
  expect(made).toHaveLength(1);
  snapshots.learn('first', asked());
  expect([made[1], snapshots.find('first')]).toEqual([['a', 'b', 'c'], { number: 2 }]);
  expect([snapshots.find('second'), snapshots.find('third')]).toEqual([{ number: 1 }, undefined]);
});

test('a module that does not run without a host leaves its scripts with the common world', () => {
  let tries = 0;
  const snapshots = createModuleSnapshots(() => {
    tries += 1;
    throw new Error('needs a host');
  });
  for (let run = 0; run < 5; run += 1) snapshots.learn('script', asked('a'));
  expect([tries, snapshots.find('script')]).toEqual([1, undefined]);
});

test('scripts without number, each with modules of its own, do not have snapshots made without end', () => {
  let made = 0;
  const snapshots = createModuleSnapshots(() => ({ number: ++made }));
  for (let script = 0; script < 500; script += 1) {
    for (const _ of [1, 2]) snapshots.learn(`script ${script}`, asked(`module ${script}`));
  }
  expect(made).toBeLessThan(100);
  expect(snapshots.find('script 0')).toBeUndefined();
});
