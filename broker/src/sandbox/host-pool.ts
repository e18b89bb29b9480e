import { ConfigError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import { type HostProcess, startHostProcess } from './host-process.ts';
import type { HostWalls } from './host-walls.ts';

/*
 * The script hosts: as many as configured, and one spare that is ready when one of them dies. A host that died is
 * replaced, ever more slowly if they keep dying.
 */

export type HostPool = {
  /** Resolves when a host is ready; rejects with ConfigError when none can start. */
  ready(): Promise<void>;
  /** The least busy host that takes one more run, which is counted at once; undefined if there is none. */
  lease(): HostProcess | undefined;
  /** The run is over. */
  release(host: HostProcess): void;
  pids(): readonly number[];
  close(): Promise<void>;
};

export type HostPoolOptions = {
  readonly hosts: number;
  readonly walls: readonly HostWalls[];
  /** Weaker ones were left out on purpose. */
  readonly needsAllWalls: boolean;
  /** Appended to every command. */
  readonly limitsText: string;
  readonly maxFrameBytes: number;
  readonly maxResidentMb: number;
  onFree(): void;
  log(event: string, fields: JsonObject): void;
};

const runsPerHost = 32;
/** Whatever a long life gathers in a process is gone after this many runs. */
const runsPerLife = 20_000;
const bootMs = 10_000;
const watchEveryMs = 100;
const steadyAfterMs = 10_000;
const maxBackOffMs = 5_000;

export function createHostPool(options: HostPoolOptions): HostPool {
  const hosts = new Set<HostProcess>();
  const retired = new Set<HostProcess>();
  const leases = new Map<HostProcess, number>();
  const leased = (host: HostProcess): number => leases.get(host) ?? 0;
  let walls: HostWalls | undefined;
  let failures = 0;
  let isClosed = false;
  let restart: NodeJS.Timeout | undefined;
  const boot = bootFirst();
  boot.catch(() => undefined);
  const watch = setInterval(watchResident, watchEveryMs);
  watch.unref();

  function start(within: HostWalls): HostProcess {
    const command = [...within.command, options.limitsText];
    return startHostProcess({ command, maxFrameBytes: options.maxFrameBytes, bootMs });
  }

  async function bootFirst(): Promise<void> {
    let reason = '';
    for (const candidate of options.walls) {
      const host = start(candidate);
      try {
        await host.ready;
      } catch (error) {
        reason = error instanceof Error ? error.message : String(error);
        host.kill('crash');
        continue;
      }
      walls = candidate;
      options.log('script_host_walls', { form: candidate.form, standing: candidate.standing });
      adopt(host);
      replenish();
      return;
    }
    throw new ConfigError([options.needsAllWalls ? cannotStartStrictly(reason) : cannotStart(reason)]);
  }

  function adopt(host: HostProcess): void {
    if (isClosed) {
      host.kill('crash');
      return;
    }
    hosts.add(host);
    const steady = setTimeout(() => {
      failures = 0;
    }, steadyAfterMs);
    steady.unref();
    host.exited.then((how) => {
      clearTimeout(steady);
      const wasWanted = hosts.delete(host);
      retired.delete(host);
      leases.delete(host);
      if (!wasWanted || isClosed) return;
      failures += 1;
      options.log('script_host_lost', { how, failures });
      replenish();
    });
    host.ready.then(options.onFree, () => undefined);
  }

  /** The hosts that serve and the spare are alike: the spare is the one that lease() leaves idle. */
  function replenish(): void {
    if (isClosed || walls === undefined || restart !== undefined) return;
    if (hosts.size > options.hosts) return;
    // The first two are replaced at once.
    const delayMs = failures <= 2 ? 0 : Math.min(maxBackOffMs, 100 * 2 ** (failures - 2));
    const kept = walls;
    restart = setTimeout(() => {
      restart = undefined;
      if (isClosed) return;
      adopt(start(kept));
      replenish();
    }, delayMs);
  }

  function retire(host: HostProcess): void {
    if (!hosts.delete(host)) return;
    retired.add(host);
    options.log('script_host_retired', { isStuck: host.isStuck(), runs: host.started() });
    replenish();
  }

  /** A host that may get no more runs leaves when its last one has ended. */
  function lookAfter(host: HostProcess): void {
    if (host.isStuck() || host.started() >= runsPerLife) retire(host);
    if (retired.has(host) && leased(host) === 0) host.kill('crash');
  }

  function watchResident(): void {
    for (const host of [...hosts, ...retired]) {
      lookAfter(host);
      if (host.inFlight() > 0 && host.residentMb() > options.maxResidentMb) host.kill('memory');
    }
  }

  return {
    ready: () => boot,
    lease() {
      const serving = [...hosts].filter((host) => host.pid() !== undefined && !host.isStuck()).slice(0, options.hosts);
      const free = serving.filter((host) => leased(host) < runsPerHost);
      const [best] = free.sort((left, right) => leased(left) - leased(right));
      if (best !== undefined) leases.set(best, leased(best) + 1);
      return best;
    },
    release(host) {
      if (leases.has(host)) leases.set(host, leased(host) - 1);
      lookAfter(host);
    },
    pids: () => [...hosts, ...retired].flatMap((host) => host.pid() ?? []),
    async close() {
      isClosed = true;
      clearTimeout(restart);
      clearInterval(watch);
      await boot.catch(() => undefined);
      const all = [...hosts, ...retired];
      for (const host of all) host.kill('crash');
      await Promise.all(all.map((host) => host.exited));
    },
  };
}

function cannotStartStrictly(reason: string): string {
  return (
    `PORTICO_SANDBOX is strict, but no script host starts in namespaces of its own (${reason || 'not on this system'}). ` +
    'They need Linux, util-linux (unshare, prlimit, setpriv, mount) and user namespaces that this process may make; ' +
    'PORTICO_SANDBOX=auto does without them.'
  );
}

function cannotStart(reason: string): string {
  return (
    `No script host could be started (${reason}). It needs isolated-vm 7 on Node.js 24 or 26: ` +
    'install the dependencies on this machine with this Node.js (npm ci), ' +
    'on Linux (glibc or musl, x64 or arm64), macOS (arm64) or Windows (x64).'
  );
}
