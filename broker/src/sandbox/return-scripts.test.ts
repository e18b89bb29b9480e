import { afterAll, beforeAll, expect, test } from 'vitest';
import { type SandboxWorld, startSandboxWorld } from './testing/sandbox-world.ts';

let world: SandboxWorld;
beforeAll(async () => {
  world = await startSandboxWorld((_request, response) => response.end('{}'));
});
afterAll(() => world.close());

const runReturning = (source: string) =>
  world.runScript({ source, entry: { kind: 'return', arguments: [{ client_id: 'c-1' }, 'second'] } });

test.each([
  ['a text', '(config, second) => config.client_id + second', 'c-1second'],
  ['a promise', 'async function (config) { await null; return { url: config.client_id }; }', { url: 'c-1' }],
  ['a thenable', '() => ({ then(resolve) { setTimeout(() => resolve([1]), 5); } })', [1]],
  ['null', '() => null', null],
  ['an exported function', '(() => { exports.getLogoutUrl = () => "https://a.example/"; })()', 'https://a.example/'],
])('what a script returns is its value: %s', async (_name, source, value) => {
  expect((await runReturning(source)).outcome).toEqual({ ok: true, value });
});

test.each([
  ['nothing', '() => {}', { kind: 'contract', message: 'The script returned undefined.' }],
  ['a promise of nothing', 'async () => {}', { kind: 'contract' }],
  ['a function', '() => () => {}', { kind: 'contract' }],
  ['a promise that is never settled', '() => new Promise(() => {})', { kind: 'contract' }],
  [
    'a rejection',
    'async () => {\n throw new Error("no"); }',
    { kind: 'runtime', message: 'Error: no', line: 2, column: 8 },
  ],
  ['nothing, for it throws', '() => { nope() }', { kind: 'runtime', line: 1, column: 9 }],
])('a script that returns %s fails', async (_name, source, outcome) => {
  expect((await runReturning(source)).outcome).toMatchObject({ ok: false, ...outcome });
});
