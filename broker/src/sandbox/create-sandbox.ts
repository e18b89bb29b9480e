import { join } from 'node:path';
import type { Clock } from '../core/clock.ts';
import { ConfigError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import type { GuardedFetch } from '../http/egress.ts';
import { codeOf, withOriginalPlaces } from './compiled-script.ts';
import { createBundledModules } from './host/bundled-modules.mjs';
import { findHostFiles } from './host-files.ts';
import { createHostPool, type HostPool } from './host-pool.ts';
import { type HostWalls, listHostWalls } from './host-walls.ts';
import { createRunOnHost } from './run-on-host.ts';
import type { Sandbox, SandboxLimits, Script, ScriptRun } from './sandbox.ts';
import { createWaitingLine } from './waiting-line.ts';

export type SandboxDeps = {
  readonly fetch: GuardedFetch;
  readonly clock: Clock;
  readonly limits: SandboxLimits;
  readonly log?: (event: string, fields: JsonObject) => void;
  /** No host, and so no start, unless the strongest walls stand around it. */
  readonly needsAllWalls?: boolean;
  /** The file of isolated-vm's addon, where it is not to be looked for. */
  readonly addonPath?: string;
};

/** Room for the head of a frame, with its escapes. */
const frameSlackBytes = 256 * 1024;
const maxRequestLength = 1024 * 1024;
const maxFrameToHostBytes = 16 * 1024 * 1024;
/** The guest counts UTF-16 units. */
const bytesPerUnit = 3;
const maxSourceLength = 100_000;
const baseResidentMb = 256;
/** What `strict` asks for. */
const strictWalls = ['no-files', 'no-network', 'no-processes'];

export function createSandbox(deps: SandboxDeps): Sandbox {
  const { limits } = deps;
  const line = createWaitingLine({ lease: () => pool?.lease(), maxLength: limits.maxQueue, maxWaitMs: limits.wallMs });
  const runOnHost = createRunOnHost(deps);
  const log = deps.log ?? (() => undefined);
  // Scripts that require nothing run all the same.
  if (!createBundledModules(join(import.meta.dirname, 'dist')).hasModules) log('script_modules_missing', {});
  let problem: ConfigError | undefined;
  let pool: HostPool | undefined;
  try {
    pool = createHostPool({
      hosts: limits.hosts,
      walls: findWalls(deps),
      needsAllWalls: deps.needsAllWalls ?? false,
      limitsText: JSON.stringify({ ...limits, maxRequestLength, maxFrameBytes: maxFrameToHostBytes }),
      maxFrameBytes: Math.max(limits.maxOutputBytes, maxRequestLength) * bytesPerUnit + frameSlackBytes,
      maxResidentMb: baseResidentMb + limits.memoryMb * 2,
      onFree: line.serve,
      log,
    });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    problem = error;
  }

  async function run(script: Script): Promise<ScriptRun> {
    const code = codeOf(script.source);
    if (code.length > maxSourceLength) {
      return notRun('limit', `The script is longer than ${maxSourceLength} characters.`);
    }
    const host = await line.take();
    if (host === undefined) return notRun('busy', 'No script host was free.');
    const ended = await runOnHost(host, { ...script, source: code });
    pool?.release(host);
    line.serve();
    return { ...ended, outcome: withOriginalPlaces(ended.outcome, script) };
  }

  return {
    run,
    async ready() {
      if (problem !== undefined) throw problem;
      await pool?.ready();
    },
    hostPids: () => pool?.pids() ?? [],
    async close() {
      line.close();
      await pool?.close();
    },
  };
}

function findWalls(deps: SandboxDeps): readonly HostWalls[] {
  const isRoot = process.getuid?.() === 0;
  let walls: readonly HostWalls[];
  try {
    walls = listHostWalls(deps.limits, findHostFiles(deps.addonPath), isRoot);
  } catch (cause) {
    throw new ConfigError(['isolated-vm is not installed for this system. Run npm ci with Node.js 24 or 26.'], {
      cause,
    });
  }
  return deps.needsAllWalls === true
    ? walls.filter(({ standing }) => strictWalls.every((wall) => standing.includes(wall)))
    : walls;
}

function notRun(kind: 'limit' | 'busy', message: string): ScriptRun {
  return {
    outcome: { ok: false, kind, message },
    consoleLines: [],
    exchanges: [],
    responseTexts: [],
    ms: 0,
    msSinceGiven: 0,
  };
}
