import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { systemClock } from '../core/clock.ts';
import { ConfigError } from '../core/errors.ts';
import type { TraceId } from '../core/ids.ts';
import { findHostFiles } from './host-files.ts';
import { createHostPool } from './host-pool.ts';
import { startHostProcess } from './host-process.ts';
import { type HostWalls, listHostWalls } from './host-walls.ts';
import { createRunOnHost } from './run-on-host.ts';
import { testLimits } from './testing/sandbox-world.ts';

/*
 * Every form of the walls with a real host behind it. Where the system does not offer one, no host comes up, and that is
 * what is checked: it says so, and leaves nothing behind.
 */

const isRoot = process.getuid?.() === 0;
const someUser = ['setpriv', '--reuid', '54321', '--regid', '54321', '--clear-groups'];
const forms = [
  ...listHostWalls(testLimits, findHostFiles(), isRoot).map((walls) => ({ ...walls, user: 'this user' })),
  ...(isRoot ? listHostWalls(testLimits, findHostFiles(), false) : []).map((walls) => ({
    ...walls,
    command: [...someUser, ...walls.command],
    user: 'another user than root',
  })),
];

const fetch = () => Promise.reject(new Error('no network here'));

async function runBehind(walls: HostWalls) {
  const standing: unknown[] = [];
  const pool = createHostPool({
    hosts: 1,
    walls: [walls],
    needsAllWalls: false,
    limitsText: JSON.stringify({ ...testLimits, maxRequestLength: 1000, maxFrameBytes: 1_000_000 }),
    maxFrameBytes: 1_000_000,
    maxResidentMb: 500,
    onFree: () => undefined,
    log: (_event, fields) => standing.push(fields['form']),
  });
  try {
    await pool.ready();
    const host = pool.lease();
    if (host === undefined) throw new Error('no host');
    const run = await createRunOnHost({ fetch, clock: systemClock, limits: testLimits })(host, {
      source: 'function (cb) { cb(null, { user_id: require("querystring").stringify({ a: 1 }) }) }',
      filename: 'x.js',
      entry: { kind: 'callback', arguments: [] },
      secrets: [],
      trace: { id: 'trace' as TraceId, record: () => undefined },
    });
    return { outcome: run.outcome, standing, pids: pool.pids(), residentMb: host.residentMb() };
  } finally {
    await pool.close();
  }
}

test.each(forms)(
  'behind $form, of $user, a host runs scripts, is seen by the broker and ends with it',
  async (walls) => {
    const ran = await runBehind(walls).catch((error: unknown) => error);
    if (ran instanceof ConfigError && walls.form !== 'plain') {
      expect(ran.message).toContain('No script host could be started');
      return;
    }
    expect(ran).toMatchObject({ outcome: { ok: true, value: { user_id: 'a=1' } }, standing: [walls.form] });
    const { pids, residentMb } = ran as Awaited<ReturnType<typeof runBehind>>;
    // The host itself is measured and killed, not the program that made its walls.
    if (process.platform === 'linux') expect(residentMb).toBeGreaterThan(20);
    while (pids.some((pid) => existsSync(`/proc/${pid}`))) await wait(5);
  },
);

/** Every process that has this word among its arguments. */
const processesWith = (word: string): number =>
  readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(word);
    } catch {
      return false;
    }
  }).length;

test.runIf(process.platform === 'linux').each(forms)(
  'behind $form, of $user, a host that is killed while it is being made leaves no process behind',
  async ({ command }) => {
    const word = `portico-test-${randomUUID()}`;
    const hosts = Array.from({ length: 20 }, (_, index) => {
      const host = startHostProcess({ command: [...command, word], bootMs: 5_000, maxFrameBytes: 1000 });
      host.ready.catch(() => undefined);
      setTimeout(() => host.kill('crash'), index * 4);
      return host.exited;
    });
    await Promise.all(hosts);
    await expect.poll(() => processesWith(word), { timeout: 5_000 }).toBe(0);
  },
);
