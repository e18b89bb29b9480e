import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SandboxWorld, startSandboxWorld } from './testing/sandbox-world.ts';

/* The globals of a script beside those of Node: each is there, or its absence is documented. */

let world: SandboxWorld;
beforeAll(async () => {
  world = await startSandboxWorld((_request, response) => void response.end('{}'));
});
afterAll(() => world.close());

async function evaluate(body: string): Promise<unknown> {
  const { outcome } = await world.run(
    `async function (token, ctx, cb) { cb(null, { it: await (async () => { ${body} })() }) }`,
  );
  if (!outcome.ok) throw new Error(`${outcome.kind}: ${outcome.message}`);
  return (outcome.value as { it?: unknown }).it;
}

const namesOf = (text: unknown): string[] => (Array.isArray(text) ? text.map(String) : []);

test('what Node has and a script has not is what docs/scripts.md lists', async () => {
  const source = 'JSON.stringify(Object.getOwnPropertyNames(globalThis))';
  const node = namesOf(
    JSON.parse(execFileSync(process.execPath, ['-e', `console.log(${source})`], { encoding: 'utf8' })),
  );
  const guest = namesOf(await evaluate('return Object.getOwnPropertyNames(globalThis)'));
  // `node -e` has Node's modules as globals, a program has not.
  const isModule = (name: string) => /^[a-z_]/.test(name) && name !== 'navigator';
  const missing = node.filter((name) => !guest.includes(name) && !isModule(name));
  const docs = readFileSync(join(import.meta.dirname, '../../../docs/scripts.md'), 'utf8');
  const section = /## What a script does not have[\s\S]*?(?=\n## |$)/.exec(docs)?.[0] ?? '';
  const rows = section.match(/^\| `[^|]*/gm) ?? [];
  expect(rows.flatMap((row) => row.match(/\w+/g) ?? []).sort()).toEqual(missing.sort());
});

describe('web classes', () => {
  const code = `
    const log = [], target = new EventTarget(), control = new AbortController();
    const seen = (event) => log.push([event.type, event instanceof Event, event.detail, event.target === target]);
    target.addEventListener('a', seen, { once: true });
    target.addEventListener('a', { handleEvent: seen });
    target.addEventListener('b', seen, { signal: control.signal });
    target.addEventListener('c', (event) => event.preventDefault());
    target.dispatchEvent(new CustomEvent('a', { detail: 1 }));
    target.dispatchEvent(new Event('a'));
    control.abort(new Error('enough'));
    target.dispatchEvent(new Event('b'));
    const blob = new Blob(['ab', new Uint8Array([99]), new Blob(['d'])], { type: 'Text/Plain' });
    const file = new File([blob], 'a.txt', { type: 'text/plain', lastModified: 5 });
    const form = new FormData();
    form.append('f', file); form.append('b', blob, 'b.bin'); form.append('t', 1); form.set('t', 2);
    let illegal; try { new AbortSignal() } catch (e) { illegal = e.name }
    return [log, target.dispatchEvent(new Event('c', { cancelable: true })), target.dispatchEvent(new Event('c')), control.signal instanceof EventTarget, control.signal.aborted, control.signal.reason.message, illegal,
      blob.size, blob.type, await blob.text(), await blob.slice(1, 3).text(), file.name, file.lastModified, file instanceof Blob,
      form.get('f') === file, form.get('b').name, form.get('b').type, form.getAll('t'), [...form.keys()],
      typeof performance.now(), performance.timeOrigin > 0, typeof process.hrtime.bigint(), process.uptime() >= 0, process.version.startsWith('v2'), typeof CryptoKey]`;
  test('are what Node makes', async () => {
    const AsyncFunction = Object.getPrototypeOf(async () => undefined).constructor;
    expect(await evaluate(code)).toEqual(JSON.parse(JSON.stringify(await new AsyncFunction(code)())));
  });

  test('nextTick comes before a timer, and what it throws ends the run', async () => {
    expect(
      await evaluate(
        `const log = []; setTimeout(() => log.push('timer'), 1); process.nextTick((x) => log.push(x), 'tick'); log.push('now'); await new Promise((r) => setTimeout(r, 10)); return log`,
      ),
    ).toEqual(['now', 'tick', 'timer']);
    const { outcome } = await world.run(
      'function (t, c, cb) {\n process.nextTick(() => { throw new Error("late") }) }',
    );
    expect(outcome).toMatchObject({ ok: false, kind: 'runtime', message: 'Error: late', line: 2 });
  });

  test('process and performance lead nowhere', async () => {
    expect(
      await evaluate(
        `return [Object.keys(process.env), typeof process.exit, typeof process.binding, typeof process.kill, typeof process.mainModule, process.cwd(), process.argv]`,
      ),
    ).toEqual([[], 'undefined', 'undefined', 'undefined', 'undefined', '/', []]);
  });
});

test('numbers in a Buffer are read and written as by Node', async () => {
  const code = `
    const kinds = ['UInt16LE', 'UInt16BE', 'UInt32LE', 'UInt32BE', 'Int16LE', 'Int16BE', 'Int32LE', 'Int32BE', 'FloatLE', 'FloatBE', 'DoubleLE', 'DoubleBE', 'UInt8', 'Int8', 'Uint8', 'Uint32BE'];
    const from = Buffer.from('8091a2b3c4d5e6f708', 'hex');
    const told = kinds.map((kind) => {
      const to = Buffer.alloc(9);
      return [from['read' + kind](), from['read' + kind](1), to['write' + kind](-0 + 5), to['write' + kind](7, 1), to.toString('hex')];
    });
    const big = Buffer.alloc(8);
    big.writeBigUInt64BE(2n ** 63n + 1n);
    let refused; try { from.readUInt32LE(7) } catch (e) { refused = e instanceof RangeError }
    return [told, String(big.readBigInt64BE()), String(big.readBigUInt64LE()), refused, Buffer.from('abcabc').lastIndexOf('abc'), Buffer.from('abcabc').lastIndexOf(98), Buffer.from('abc').lastIndexOf('x')]`;
  const AsyncFunction = Object.getPrototypeOf(async () => undefined).constructor;
  expect(await evaluate(code)).toEqual(JSON.parse(JSON.stringify(await new AsyncFunction(code)())));
});

test('async and bcrypt are there without require, as they once were', async () => {
  expect(await evaluate('return [typeof async.parallel, typeof bcrypt.compare]')).toEqual(['function', 'function']);
});

test('path and assert do what those of Node do', async () => {
  const code = `
    const p = require('path').posix, assert = require('assert');
    const texts = ['', '.', '..', '/', 'a', '/a', 'a/', 'a/b.c', '/a/b/', '../a/../b', './a//b/.', '/../x', '.hidden', 'a.b.c', 'x/.hidden', 'a/..', '/a/b/../../..', 'b.'];
    const one = texts.map((text) => [p.normalize(text), p.dirname(text), p.basename(text), p.basename(text, '.c'), p.extname(text), p.isAbsolute(text), p.parse(text), p.resolve('/r', text), p.relative('/a/b', '/' + text)]);
    const two = texts.map((text) => texts.map((other) => p.join(text, other)));
    const told = (call) => { try { call(); return 'fine' } catch (e) { return e.code ?? e.name + e.message } };
    const eq = { a: [1, { b: '2' }], d: new Date(0) };
    return [one, two, p.format(p.parse('/a/b.c')), p.format({ dir: 'x', name: 'y', ext: 'z' }), told(() => p.join(1)),
      [() => assert(1), () => assert(0), () => assert.ok(''), () => assert.equal(1, '1'), () => assert.strictEqual(1, '1'), () => assert.deepEqual({ a: [1] }, { a: ['1'] }), () => assert.deepStrictEqual({ a: [1] }, { a: ['1'] }),
        () => assert.deepStrictEqual(eq, structuredClone(eq)), () => assert.notStrictEqual(NaN, NaN), () => assert.throws(() => { throw new TypeError('x') }, TypeError), () => assert.throws(() => { throw new TypeError('x') }, /y/), () => assert.throws(() => {}),
        () => assert.throws(() => { throw Object.assign(new Error('m'), { code: 'C' }) }, { code: 'C', message: 'm' }), () => assert.match('abc', /b/), () => assert.doesNotMatch('abc', /b/), () => assert.fail('no'), () => assert.ifError(null), () => assert.ifError(new RangeError('r')),
        () => assert.strict.equal(1, '1'), () => assert.ok(0, new SyntaxError('own')), () => assert.notDeepEqual([1], [1])].map(told),
      await assert.rejects(Promise.reject(new Error('a')), /a/).then(() => 'fine'), await assert.rejects(async () => 1).catch((e) => e.code)]`;
  const AsyncFunction = Object.getPrototypeOf(async () => undefined).constructor;
  const node = await new AsyncFunction('require', code)(createRequire(import.meta.url));
  expect(await evaluate(code)).toEqual(JSON.parse(JSON.stringify(node)));
});
