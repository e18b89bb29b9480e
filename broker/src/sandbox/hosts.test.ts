import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../core/clock.ts';
import { ConfigError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import { createSandbox } from './create-sandbox.ts';
import { createHostPool } from './host-pool.ts';
import { type SandboxWorld, startSandboxWorld, testLimits } from './testing/sandbox-world.ts';

const fine = 'function (a, ctx, cb) { cb(null, { user_id: "fine" }) }';
const slow = (origin: string): string =>
  `function (a, ctx, cb) { request('${origin}/hang', () => cb(null, { user_id: "late" })) }`;

let open: SandboxWorld | undefined;
afterEach(async () => {
  await open?.close();
  open = undefined;
});

/** A server that answers `/hang` only when told to. */
async function start(
  limits: Partial<typeof testLimits> = {},
): Promise<SandboxWorld & { asked(): number; answerAll(): void }> {
  const held: (() => void)[] = [];
  let asked = 0;
  const world = await startSandboxWorld((request, response) => {
    if (request.url !== '/hang') return void response.end('{}');
    asked += 1;
    held.push(() => response.end('{}'));
  }, limits);
  open = world;
  return { ...world, asked: () => asked, answerAll: () => held.splice(0).forEach((answer) => void answer()) };
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await wait(5);
}

const ownProcesses = (): string[] =>
  readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(`"wallMs":${marker}`);
    } catch {
      return false;
    }
  });
/** A process that ended but was not waited for by whoever inherited it is not alive. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** Tells the hosts of this file from those of others. */
const marker = 3999;

test('waiting for an answer does not count as time since the script was given something', async () => {
  const world = await start();
  const run = world.run(slow(world.origin));
  await until(() => world.asked() === 1);
  await wait(300);
  world.answerAll();
  const { ms, msSinceGiven } = await run;
  expect(ms - msSinceGiven).toBeGreaterThanOrEqual(290);
});

test('a host that is killed fails its runs only, and the next run works', async () => {
  const world = await start();
  await until(() => world.sandbox.hostPids().length === 2);
  const doomed = [world.run(slow(world.origin)), world.run(slow(world.origin))];
  await until(() => world.asked() === 2);
  const [pid = 0] = world.sandbox.hostPids();
  process.kill(pid, 'SIGKILL');
  for (const run of await Promise.all(doomed)) {
    expect(run.outcome).toMatchObject({ ok: false, kind: 'crash' });
    expect(run.exchanges.length).toBeLessThanOrEqual(1);
  }
  expect((await world.run(fine)).outcome.ok).toBe(true);
  expect(world.events.map(({ event }) => event)).toContain('script_host_lost');
});

test('runs on another host do not notice', async () => {
  const world = await start({ hosts: 2 });
  await until(() => world.sandbox.hostPids().length === 3);
  const runs = [world.run(slow(world.origin)), world.run(slow(world.origin))];
  await until(() => world.asked() === 2);
  const [pid = 0] = world.sandbox.hostPids();
  process.kill(pid, 'SIGKILL');
  await until(() => !existsSync(`/proc/${pid}`));
  world.answerAll();
  const kinds = (await Promise.all(runs)).map(({ outcome }) => (outcome.ok ? 'ok' : outcome.kind));
  expect(kinds.toSorted()).toEqual(['crash', 'ok']);
});

test('hosts that are killed again and again come back', async () => {
  const world = await start();
  for (let round = 0; round < 3; round++) {
    const killed = world.sandbox.hostPids();
    for (const pid of killed) process.kill(pid, 'SIGKILL');
    await until(() => world.sandbox.hostPids().every((pid) => !killed.includes(pid)));
    expect((await world.run(fine)).outcome.ok).toBe(true);
  }
});

test('when all hosts are busy and the line is full, a run ends as busy at once', async () => {
  const world = await start({ maxQueue: 3 });
  const runs = Array.from({ length: 40 }, () => world.run(slow(world.origin)));
  await until(() => world.asked() === 32);
  const full = await world.run(fine);
  expect(full.outcome).toMatchObject({ ok: false, kind: 'busy' });
  const answering = setInterval(world.answerAll, 10);
  const kinds = (await Promise.all(runs)).map(({ outcome }) => (outcome.ok ? 'ok' : outcome.kind));
  clearInterval(answering);
  expect(kinds.filter((kind) => kind === 'ok')).toHaveLength(35);
  expect(kinds.filter((kind) => kind === 'busy')).toHaveLength(5);
});

test('no process is left after close, not even of a script that cannot be interrupted', async () => {
  const world = await start({ wallMs: marker });
  await until(() => world.sandbox.hostPids().length === 2);
  const run = world.run('function (a, ctx, cb) { new Array(1e9).fill(1).includes(2) }');
  await wait(50);
  expect(ownProcesses().length).toBeGreaterThanOrEqual(2);
  await world.close();
  open = undefined;
  expect((await run).outcome.ok).toBe(false);
  await until(() => ownProcesses().length === 0);
  expect(ownProcesses()).toEqual([]);
});

test('hosts die with the broker, also in the middle of a loop', async () => {
  const source = 'function (a, ctx, cb) { for (;;); }';
  const program = `
    import { createSandbox } from ${JSON.stringify(new URL('./create-sandbox.ts', import.meta.url).href)};
    const sandbox = createSandbox({
      fetch: () => Promise.reject(new Error('no network here')),
      clock: { now: () => new Date() },
      limits: ${JSON.stringify({ ...testLimits, wallMs: 60_000, cpuMs: 60_000 })},
    });
    await sandbox.ready();
    sandbox.run({ source: ${JSON.stringify(source)}, filename: 'x.js', entry: { kind: 'callback', arguments: ['token', {}] }, secrets: [] });
    setTimeout(() => console.log(JSON.stringify(sandbox.hostPids())), 300);
  `;
  const broker = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [line] = await once(broker.stdout, 'data');
  const pids: number[] = JSON.parse(String(line));
  expect(pids.length).toBeGreaterThan(0);
  broker.kill('SIGKILL');
  await until(() => pids.every((pid) => !isAlive(pid)));
});

test('after close a run ends as busy', async () => {
  const world = await start();
  await world.sandbox.close();
  expect((await world.run(fine)).outcome).toMatchObject({ ok: false, kind: 'busy' });
});

describe('walls', () => {
  test('the walls that stand are told, and the network wall stands where namespaces exist', async () => {
    const world = await start();
    const standing = world.events.find(({ event }) => event === 'script_host_walls')?.fields['standing'];
    expect(standing).toContain('node-permissions');
    if (!Array.isArray(standing) || !standing.includes('no-network')) return;
    for (const pid of world.sandbox.hostPids()) {
      const devices = readFileSync(`/proc/${pid}/net/dev`, 'utf8')
        .split('\n')
        .slice(2)
        .filter((line) => line.trim() !== '');
      expect(devices.map((line) => line.split(':')[0]?.trim())).toEqual(['lo']);
      expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(/^CapEff:\s0+$/m);
    }
  });

  test('the memory of a host is never written to a file', async () => {
    const world = await start();
    const [pid = 0] = world.sandbox.hostPids();
    expect(readFileSync(`/proc/${pid}/limits`, 'utf8')).toMatch(/Max core file size\s+0\s/);
  });
});

describe('ready()', () => {
  const deps = { clock: systemClock, limits: testLimits, fetch: () => Promise.reject(new Error('no network here')) };

  // Every form of a host is tried, one after the other.
  test('rejects with what to do when isolated-vm cannot load', { timeout: 30_000 }, async () => {
    const addonPath = join(tmpdir(), 'portico-broken-addon.node');
    writeFileSync(addonPath, 'not an addon');
    const sandbox = createSandbox({ ...deps, addonPath });
    const error = await sandbox.ready().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ConfigError);
    expect(String(error)).toMatch(/No script host could be started \(.*invalid ELF header|file too short.*\)/);
    expect(String(error)).toMatch(/isolated-vm 7 on Node\.js 24/);
    const entry = { kind: 'callback', arguments: ['token', {}] } as const;
    const script = { source: fine, filename: 'x.js', entry, secrets: [] };
    const run = await sandbox.run({ ...script, trace: { id: 'x' as never, record: () => undefined } });
    expect(run.outcome).toMatchObject({ ok: false, kind: 'busy' });
    await sandbox.close();
  });

  test('rejects where all walls are wanted and do not stand, and starts no weaker host', async () => {
    const started: string[] = [];
    const pool = createHostPool({
      hosts: 1,
      walls: [{ form: 'namespaces', command: ['/bin/false'], standing: ['no-network'] }],
      needsAllWalls: true,
      limitsText: '{}',
      maxFrameBytes: 1000,
      maxResidentMb: 100,
      onFree: () => started.push('free'),
      log: (event) => started.push(event),
    });
    await expect(pool.ready()).rejects.toThrow(/PORTICO_SANDBOX is strict.*ended before it was ready.*util-linux/);
    expect([started, pool.pids()]).toEqual([[], []]);
    await pool.close();
  });

  test('with all walls wanted, a host starts behind them or not at all', async () => {
    const standing: unknown[] = [];
    const log = (_event: string, fields: JsonObject) => standing.push(fields['standing']);
    const sandbox = createSandbox({ ...deps, needsAllWalls: true, log });
    const error = await sandbox.ready().catch((caught: unknown) => caught);
    if (error === undefined)
      expect(standing[0]).toEqual(expect.arrayContaining(['no-files', 'no-network', 'no-processes']));
    else expect(String(error)).toContain('PORTICO_SANDBOX is strict');
    await sandbox.close();
  });
});
