import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type SandboxWorld, startSandboxWorld } from './testing/sandbox-world.ts';

let world: SandboxWorld;
const canary = createServer();
let canaryHits = 0;
beforeAll(async () => {
  process.env['CANARY_ENV'] = 'canary-in-the-environment';
  canary.on('connection', () => {
    canaryHits += 1;
  });
  await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve));
  world = await startSandboxWorld((_request, response) => response.end('{}'));
});
afterAll(async () => {
  delete process.env['CANARY_ENV'];
  await world.close();
  canary.close();
});

/** Each is an expression, and what it must give: nothing of the host. */
const attempts: [expression: string, result: string][] = [
  [
    'Object.getOwnPropertyNames(process).join() + Object.keys(process.env)',
    'env,argv,version,versions,release,nextTick,hrtime,uptime,cwd,emitWarning',
  ],
  ['typeof Deno + typeof Bun + typeof std + typeof os', 'undefined'.repeat(4)],
  ['typeof WebAssembly + typeof SharedArrayBuffer + typeof Atomics', 'undefined'.repeat(3)],
  ...[
    'this',
    'ctx',
    'cb',
    'request',
    'request.get',
    'console.log',
    'require',
    'module',
    'setTimeout(() => {}, 1).ref',
    'Buffer',
    'URL',
    'fetch',
    'crypto',
    'jwt',
    '_',
    "require('axios').get",
    "require('https').request",
    "require('xml2js').parseString",
    "require('oauth').OAuth",
  ].map((reachable): [string, string] => [
    `${reachable}.constructor.constructor('return typeof process.binding')()`,
    'undefined',
  ]),
  ['typeof require.main + typeof require.cache + typeof module.constructor._load', 'undefined'.repeat(3)],
  ...[
    'fs',
    'node:fs',
    'child_process',
    'net',
    'os',
    'vm',
    'worker_threads',
    'module',
    'inspector',
    './x',
    '/etc/passwd',
  ].map((name): [string, string] => [
    `(() => { try { return typeof require('${name}') } catch (e) { return e.code } })()`,
    'MODULE_NOT_FOUND',
  ]),
  [
    '(() => { Error.prepareStackTrace = (e, frames) => frames; const all = new Error().stack; Error.prepareStackTrace = undefined; return all.some((f) => /node:|main.mjs|run.mjs/.test(f.getFileName()) || f.getFunction() === null) })()',
    'false',
  ],
  [
    "(() => { function f() { return f.caller } let c = f(); try { while (c) { if (!String(c).includes('caller')) return 'ours'; c = c.caller } } catch {} return 'none' })()",
    'none',
  ],
  ...[
    'null.x',
    '(function f() { f() })()',
    "new URL('x')",
    "require('fs')",
    'request.defaults(1).nothing()',
    "crypto.createHash('none')",
    "crypto.createPublicKey('none')",
    "require('jsonwebtoken').verify('a.b.c', 'd')",
    "require('js-yaml').load('{')",
    'Symbol() + 1',
  ].map((thrower): [string, string] => [
    `(() => { try { ${thrower} } catch (e) { return /node:|sandbox|mjs/.test(e.stack) + e.constructor.constructor('return typeof process.binding')() } })()`,
    'falseundefined',
  ]),
  ['Object.getOwnPropertyNames(globalThis).filter((name) => /ivm|isolate|__|portico|host/i.test(name)).join()', ''],
  [
    "eval('typeof process.binding') + (0, eval)('typeof process.binding') + new Function('return typeof process.binding')()",
    'undefined'.repeat(3),
  ],
];

test.each(attempts)('SB-16 no way out: %s', async (attempt, result) => {
  const run = await world.run(`function (a, ctx, cb) { cb(null, { it: String(${attempt}) }) }`);
  expect(run.outcome).toEqual({ ok: true, value: { it: result } });
});

test('the environment is empty, not only hidden', () => {
  for (const pid of world.sandbox.hostPids()) {
    // bubblewrap always says where it went.
    expect(['', 'PWD=/\0']).toContain(readFileSync(`/proc/${pid}/environ`, 'utf8'));
  }
});

test('import() is refused', async () => {
  for (const name of ['fs', 'node:net', 'file:///etc/passwd', 'data:text/javascript,export default 1']) {
    const run = await world.run(
      `function (a, ctx, cb) { import('${name}').then(() => cb(null, { it: 'loaded' }), (e) => cb(null, { it: 'refused' })) }`,
    );
    expect(run.outcome).toEqual({ ok: true, value: { it: 'refused' } });
  }
});

test('nothing of isolated-vm can be reached from the global object', async () => {
  const run = await world.run(`function (a, ctx, cb) {
    const seen = new Set(), found = [];
    const visit = (value, path) => {
      if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) return;
      seen.add(value);
      const name = value.constructor && value.constructor.name;
      if (/^(Reference|ExternalCopy|Isolate|Context|Callback|Script|Module|Dereference)$/.test(String(name))) found.push(path);
      if ('applySync' in value || 'copySync' in value || 'createContextSync' in value) found.push(path);
      for (const key of Reflect.ownKeys(value)) {
        const property = Reflect.getOwnPropertyDescriptor(value, key);
        visit(property.value, path + '.' + String(key)); visit(property.get, path); visit(property.set, path);
      }
      visit(Reflect.getPrototypeOf(value), path + '.__proto__');
    };
    Buffer; URL; URLSearchParams; TextDecoder; fetch; crypto; jwt; _; xml2js; xmldom; uuid; querystring;
    for (const name of ['axios', 'https', 'oauth', 'util', 'url', 'js-yaml']) visit(require(name), name);
    visit(globalThis, 'global'); visit(ctx, 'ctx'); visit(cb, 'cb');
    request('${world.origin}/', (e, r) => { visit(r, 'response'); cb(null, { found, many: seen.size > 500 }) });
  }`);
  expect(run.outcome).toEqual({ ok: true, value: { found: [], many: true } });
});

test('SB-12 no text of a script is taken for a frame', async () => {
  const forged = '\\u0001\\u0000\\u0000\\u0000{"kind":"value"}\\n{"type":"result"}\\u0007["done",0,"",{}]';
  const run = await world.run(
    `function (a, ctx, cb) { console.log('${forged}'); request({ url: '${world.origin}/', method: 'POST', body: '${forged}' }, () => cb(new Error('${forged}'))) }`,
  );
  expect(run.outcome).toMatchObject({ ok: false, kind: 'callback' });
  expect(run.exchanges).toHaveLength(1);
});

test('a script cannot reach loopback past the guard', async () => {
  const { port } = canary.address() as AddressInfo;
  for (const host of ['127.0.0.1', 'localhost', '[::1]', '2130706433', '0x7f.1', '127.1']) {
    const run = await world.run(
      `function (a, ctx, cb) { request('http://${host}:${port}/', (e) => cb(null, { code: e && e.code })) }`,
    );
    expect(run.outcome).toEqual({ ok: true, value: { code: 'EGRESS_DENIED' } });
  }
  expect(canaryHits).toBe(0);
});
