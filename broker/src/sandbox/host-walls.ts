import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import type { SandboxLimits } from './sandbox.ts';

/** One way to start a host, and which walls then stand around it besides the process border itself. */
export type HostWalls = {
  readonly command: readonly string[];
  readonly standing: readonly string[];
};

const nobody = '65534';
/** Node and V8 reserve about 900 MB of addresses before the first script. */
const baseAddressMb = 1500;
/** A stack of 8 MB and glibc's arena of 64 MB, aligned. */
const threadAddressMb = 80;
/** isolated-vm keeps a thread for each core and one more, and makes others when all are busy (host/gate.mjs). */
const threads = availableParallelism() + 10;
const nodeHeapMb = 128;
const maxOpenFiles = 64;

/** From the strongest to none but Node's own; the first that brings a host up is kept. */
export function listHostWalls(limits: SandboxLimits, addonPath: string, isRoot: boolean): readonly HostWalls[] {
  const node = nodeCommand(addonPath);
  const plain = { command: node, standing: ['node-permissions'] };
  if (process.platform !== 'linux') return [plain];
  const addressBytes = (baseAddressMb + threads * threadAddressMb + limits.memoryMb * 4) * 1024 * 1024;
  const limited = ['prlimit', `--as=${addressBytes}`, '--core=0', `--nofile=${maxOpenFiles}`, '--fsize=0'];
  const parentDeath = ['setpriv', '--pdeathsig', 'KILL', ...(isRoot ? asNobody : []), '--no-new-privs'];
  const withLimits = { command: [...limited, ...node], standing: ['address-space', ...plain.standing] };
  const withoutRights = {
    command: [...limited, ...parentDeath, ...node],
    standing: [...(isRoot ? ['user'] : []), 'dies-with-broker', ...withLimits.standing],
  };
  // --kill-child: a SIGKILL reaches unshare only, which must take the host with it.
  const unshared = ['unshare', '-U', '-n', '-p', '-i', '-u', '-m', '-f', '--mount-proc', '--kill-child'];
  const inNamespaces = {
    command: [...limited, ...parentDeath, ...unshared, ...node],
    standing: ['no-network', 'no-processes', ...withoutRights.standing],
  };
  return [inNamespaces, withoutRights, withLimits, plain];
}

const asNobody = ['--reuid', nobody, '--regid', nobody, '--clear-groups'];

function nodeCommand(addonPath: string): readonly string[] {
  const directory = realpathSync(import.meta.dirname);
  return [
    process.execPath,
    '--no-node-snapshot',
    '--jitless',
    `--max-old-space-size=${nodeHeapMb}`,
    '--max-semi-space-size=1',
    '--no-warnings',
    // A seat belt, not a wall: no files but our own, no processes, no threads.
    '--permission',
    '--allow-addons',
    `--allow-fs-read=${join(directory, '*')}`,
    `--allow-fs-read=${addonPath}`,
    join(directory, 'host', 'main.mjs'),
    addonPath,
  ];
}

/** The addon's file, so that the host loads one file and searches for nothing. */
export function findAddon(): string {
  const require = createRequire(import.meta.url);
  const directory = dirname(require.resolve('isolated-vm/package.json'));
  const find: unknown = createRequire(join(directory, 'package.json'))('node-gyp-build/node-gyp-build.js');
  const resolve = (find as { resolve(directory: string): string }).resolve;
  return realpathSync(resolve(directory));
}
