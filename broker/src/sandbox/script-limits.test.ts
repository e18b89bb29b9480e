import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ScriptRun } from './sandbox.ts';
import { type SandboxWorld, startSandboxWorld } from './testing/sandbox-world.ts';

let world: SandboxWorld;
let hits = 0;
beforeAll(async () => {
  world = await startSandboxWorld(
    (request, response) => {
      hits += 1;
      if (request.url === '/hang') return;
      response.end(request.url === '/large' ? 'x'.repeat(900_000) : '{"id":1}');
    },
    { wallMs: 1500, cpuMs: 300 },
  );
});
afterAll(() => world.close());

const fine = 'function (a, ctx, cb) { cb(null, { user_id: "fine" }) }';
const expectFine = async (): Promise<void> => {
  expect((await world.run(fine)).outcome).toEqual({ ok: true, value: { user_id: 'fine' } });
};

describe('what runs away ends as a failure of its own run, and the next run works', () => {
  const runaways: [name: string, body: string, kinds: string[]][] = [
    ['SB-01 endless loop', 'while (true) {}', ['timeout']],
    [
      'SB-01 endless loop that catches',
      'for (;;) { try { while (true) {} } catch {} finally { continue } }',
      ['timeout'],
    ],
    ['SB-02 endless await', '(async () => { for (;;) await null })()', ['timeout']],
    ['SB-02 endless microtasks', 'const f = () => Promise.resolve().then(f); f()', ['timeout']],
    ['SB-04 catastrophic expression', "/(a+)+$/.test('a'.repeat(40) + '!')", ['timeout']],
    ['SB-04 catastrophic replace', "('a'.repeat(40) + '!').replace(/(a+)+$/, '')", ['timeout']],
    ['endless loop in an answer', "request('ORIGIN/', () => { for (;;); })", ['timeout']],
    ['endless timers', 'const f = () => setTimeout(f, 0); f()', ['timeout']],
    ['endless interval', 'setInterval(() => {}, 1)', ['timeout']],
    ['too many timers', 'for (let i = 0; i < 2000; i++) setTimeout(() => {}, 100000)', ['limit']],
    ['SB-05 waits for ever', "request('ORIGIN/hang', () => {})", ['timeout']],
    ['toJSON that loops', 'cb(null, { toJSON() { for (;;); } })', ['timeout']],
    ['a getter that loops', 'cb(null, { get a() { for (;;); } })', ['timeout']],
    ['an error whose message loops', 'throw { get message() { for (;;); } }', ['timeout']],
    [
      'a rejection whose stack loops',
      "const e = new Error('x'); Object.defineProperty(e, 'stack', { get() { for (;;); } }); Promise.reject(e)",
      ['timeout', 'runtime', 'crash'],
    ],
    ['SB-03 array growth', 'const a = []; for (;;) a.push({ a: [1, 2, 3] })', ['memory', 'timeout']],
    ['SB-03 map growth', 'const m = new Map(); for (let i = 0; ; i++) m.set(i, { i })', ['memory', 'timeout']],
    ['SB-03 fill', 'cb(null, { x: new Array(1e9).fill(1) })', ['memory', 'timeout']],
    ['SB-03 text growth', "let x = 'x'; for (;;) x += x", ['runtime']],
    ['SB-03 buffer', 'cb(null, { x: new ArrayBuffer(8e9) })', ['runtime']],
    ['SB-03 BigInt', '2n ** (2n ** 30n)', ['runtime', 'timeout', 'memory']],
    ['deep recursion', 'const f = () => f(); f()', ['runtime']],
    ['SB-17 nested parentheses', `${'('.repeat(40_000)}`, ['syntax']],
    ['SB-17 a script that is too long', `'${'x'.repeat(100_001)}'`, ['limit']],
    ['SB-15 10,000 requests', "for (let i = 0; i < 10000; i++) request('ORIGIN/', () => {})", ['limit']],
    ['10,000 requests one after another', "const next = () => request('ORIGIN/', next); next()", ['limit']],
    [
      'a sparse array',
      'const a = []; a.length = 4294967295; cb(null, { a })',
      ['timeout', 'memory', 'contract', 'limit'],
    ],
    ['SB-15 a giant upload', "request({ url: 'ORIGIN/', method: 'POST', body: 'é'.repeat(4e6) }, cb)", ['limit']],
    ['giant headers', "request({ url: 'ORIGIN/', headers: { a: 'b'.repeat(4e6) } }, cb)", ['limit']],
    ['a giant error', "cb(new Error('\\u0001'.repeat(4e6)))", ['callback']],
  ];
  test.each(runaways)('%s', async (_name, body, kinds) => {
    const run = await world.run(`function (token, ctx, cb) { ${body.replaceAll('ORIGIN', world.origin)} }`);
    expect(run.outcome.ok).toBe(false);
    if (!run.outcome.ok) expect(kinds).toContain(run.outcome.kind);
    await expectFine();
  });
});

test('SB-13 a flood of console lines is cut and costs nothing but itself', async () => {
  const run = await world.run(
    "function (a, ctx, cb) { for (let i = 0; i < 20000; i++) console.log('line', i); cb(null, {}) }",
  );
  expect(run.outcome.ok).toBe(true);
  expect(run.consoleLines).toHaveLength(20);
  expect(run.consoleLines.at(-1)?.text).toBe('Further console lines were left out.');
  const large = await world.run("function (a, ctx, cb) { console.log('x'.repeat(1e6)); cb(null, {}) }");
  expect(large.consoleLines[0]?.text).toHaveLength(1024);
});

test('SB-15 the bytes of all answers are limited', async () => {
  const run = await world.run(
    `function (a, ctx, cb) { let n = 0; const next = () => request('${world.origin}/large', (e) => { n += 1; if (e) return cb(null, { n, code: e.code }); next() }); next() }`,
  );
  expect(run.outcome).toEqual({ ok: true, value: { n: 12, code: 'ERR_TOO_LARGE' } });
  expect(run.responseTexts.join('').length).toBeLessThanOrEqual(256 * 1024);
});

test('SB-08 nothing of a run goes on after it', async () => {
  hits = 0;
  const run = await world.run(
    `function (a, ctx, cb) { setTimeout(() => request('${world.origin}/after', () => {}), 30); cb(null, {}) }`,
  );
  expect(run.outcome.ok).toBe(true);
  await expectFine();
  await new Promise((resolve) => setTimeout(resolve, 80));
  expect(hits).toBe(0);
});

describe('SB-11 patched built-ins harm the script only', () => {
  const patches = [
    'JSON.stringify = () => "forged"',
    'JSON.parse = () => { throw 1 }',
    'Object.prototype.toJSON = () => ({ forged: 1 })',
    'Array.prototype.push = () => { throw 1 }',
    'Array.prototype[Symbol.iterator] = () => { throw 1 }',
    'Promise.prototype.then = () => { throw 1 }; Promise = null',
    'Map.prototype.get = Map.prototype.set = WeakMap.prototype.set = WeakMap.prototype.get = () => { throw 1 }',
    'Object.defineProperty(Object.prototype, "kind", { get() { return "value" }, set() {} })',
    'Object.defineProperty(Array.prototype, 0, { set() { throw 1 } })',
    'Function.prototype.call = Function.prototype.apply = Reflect.apply = () => { throw 1 }',
    'String.prototype.slice = String.prototype.indexOf = String.prototype.toLowerCase = () => { throw 1 }',
    'RegExp.prototype.exec = RegExp.prototype.test = () => { throw 1 }',
    'Error = TypeError = String = Object = Reflect = undefined',
    'Error.prepareStackTrace = () => { throw 1 }; Error.stackTraceLimit = 0',
    'globalThis.setTimeout = globalThis.console = globalThis.module = undefined',
  ];
  test.each(patches)('%s', async (patch) => {
    const run = await world.run(
      `function (a, ctx, cb) { ${patch}; var request_ = request; request_({ url: '${world.origin}/', headers: { A: 'b' } }, function (e, r, b) { cb(null, { user_id: 1, b: typeof b }) }) }`,
    );
    // Its own result, or its own error; in no case silence.
    if (run.outcome.ok)
      expect(run.outcome.value).toMatchObject(patch.includes('toJSON') ? {} : { user_id: 1, b: 'string' });
    if (!run.outcome.ok) expect(['runtime', 'contract', 'callback']).toContain(run.outcome.kind);
  });
});

test('what is just within the limits does not cost the host', async () => {
  const [pid] = world.sandbox.hostPids();
  const upload = `request({ url: '${world.origin}/', method: 'POST', body: '€'.repeat(1024 * 1024) }, (e, r) => cb(null, { status: r.statusCode }))`;
  expect((await world.run(`function (a, ctx, cb) { ${upload} }`)).outcome).toEqual({
    ok: true,
    value: { status: 200 },
  });
  expect(world.sandbox.hostPids()[0]).toBe(pid);
});

test('SB-20 a runaway does not hold up the runs beside it', async () => {
  const order: string[] = [];
  const note = (name: string) => (run: ScriptRun) => {
    order.push(name);
    return run;
  };
  const runaway = world.run('function (a, ctx, cb) { for (;;); }').then(note('runaway'));
  const beside = await Promise.all(Array.from({ length: 5 }, () => world.run(fine).then(note('fine'))));
  expect(beside.every((run) => run.outcome.ok)).toBe(true);
  expect((await runaway).outcome).toMatchObject({ kind: 'timeout' });
  expect(order).toEqual(['fine', 'fine', 'fine', 'fine', 'fine', 'runaway']);
});
