import { realpathSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { HostFiles } from './host-files.ts';
import { makeOwnRoot } from './own-root.ts';
import type { SandboxLimits } from './sandbox.ts';

/** One way to start a host, and which walls then stand around it besides the process border itself. */
export type HostWalls = {
  /** What makes the walls, for the operator. */
  readonly form: 'bubblewrap' | 'own-root' | 'namespaces' | 'rights' | 'limits' | 'plain';
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
export function listHostWalls(limits: SandboxLimits, files: HostFiles, isRoot: boolean): readonly HostWalls[] {
  const node = nodeCommand(files);
  const plain: HostWalls = { form: 'plain', command: node, standing: ['node-permissions'] };
  if (process.platform !== 'linux') return [plain];
  const addressBytes = (baseAddressMb + threads * threadAddressMb + limits.memoryMb * 4) * 1024 * 1024;
  const limited = ['prlimit', `--as=${addressBytes}`, '--core=0', `--nofile=${maxOpenFiles}`, '--fsize=0'];
  const withLimits: HostWalls = {
    form: 'limits',
    command: [...limited, ...node],
    standing: ['address-space', ...plain.standing],
  };
  const parentDeath = ['setpriv', '--pdeathsig', 'KILL', ...(isRoot ? asNobody : []), '--no-new-privs'];
  const outer = [...limited, ...parentDeath];
  const withoutRights: HostWalls = {
    form: 'rights',
    command: [...outer, ...node],
    standing: [...(isRoot ? ['user'] : []), 'dies-with-broker', ...withLimits.standing],
  };
  const apart = ['no-network', 'no-processes', ...withoutRights.standing];
  const alone = ['no-files', ...apart];
  const paths = [...files.libraries, ...files.code, process.execPath, files.main, files.addon];
  return [
    { form: 'bubblewrap', command: [...outer, ...bubblewrap(paths), ...node], standing: alone },
    { form: 'own-root', command: [...outer, ...unshare('-r'), ...makeOwnRoot(paths), ...node], standing: alone },
    { form: 'namespaces', command: [...outer, ...unshare(), ...node], standing: apart },
    withoutRights,
    withLimits,
    plain,
  ];
}

const asNobody = ['--reuid', nobody, '--regid', nobody, '--clear-groups'];

/** `-r`: as root of the namespaces, for what must mount first. Else the host has no capability from the start. */
function unshare(...mapping: readonly '-r'[]): readonly string[] {
  // --kill-child: a SIGKILL reaches unshare only, which must take the host with it.
  return ['unshare', '-U', ...mapping, '-n', '-p', '-i', '-u', '-m', '-f', '--mount-proc', '--kill-child'];
}

/** An empty root but for what the host reads, and no further user namespaces. */
function bubblewrap(paths: readonly string[]): readonly string[] {
  const namespaces = ['--unshare-user', '--unshare-all', '--disable-userns', '--as-pid-1'];
  const rest = ['--die-with-parent', '--new-session', '--cap-drop', 'ALL', '--clearenv', '--chdir', '/'];
  const shown = paths.flatMap((path) => ['--ro-bind', path, path]);
  return ['bwrap', ...namespaces, ...rest, ...shown, '--remount-ro', '/', '--'];
}

function nodeCommand({ main, addon }: HostFiles): readonly string[] {
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
    `--allow-fs-read=${addon}`,
    main,
    addon,
  ];
}
