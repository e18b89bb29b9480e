import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { createFrameReader, encodeFrame, type Frame, frameKinds } from './frames.mjs';
import type { ScriptModule } from './sandbox.ts';

/** What the broker does for one run while it is in flight on a host. */
export type HostRun = {
  readonly id: number;
  readonly head: string;
  readonly body: string;
  readonly modules: readonly ScriptModule[];
  onRequest(head: string, body: Buffer): void;
  onConsole(head: string): void;
  /** The last call. `lost`: the host is gone, and why. */
  onEnd(end: { readonly head: string; readonly body: Buffer } | { readonly lost: HostLoss }): void;
};

/** `fatal`: this run broke the host. `deadline`, `memory`: the broker killed it. `crash`: it died by itself. */
export type HostLoss = 'fatal' | 'deadline' | 'memory' | 'crash';

export type HostProcess = {
  /** Rejects when the process ends, or says that it is broken, before it is ready. */
  readonly ready: Promise<void>;
  /** How it ended, as the operating system tells it. */
  readonly exited: Promise<string>;
  start(run: HostRun): void;
  answer(runId: number, head: string, body: Uint8Array): void;
  inFlight(): number;
  isStuck(): boolean;
  started(): number;
  /** Of the host itself, not of what wraps it. */
  pid(): number | undefined;
  residentMb(): number;
  kill(loss: HostLoss, guilty?: number): void;
};

export type HostProcessOptions = {
  readonly command: readonly string[];
  readonly maxFrameBytes: number;
  readonly bootMs: number;
};

const pageKb = 4;

export function startHostProcess(options: HostProcessOptions): HostProcess {
  const [program = '', ...args] = options.command;
  // A group of its own: what makes the walls has helpers that would outlive it if it is killed while they wait for it.
  const child = spawn(program, args, {
    env: {},
    cwd: '/',
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    detached: process.platform !== 'win32',
  });
  const channel = child.stdio[3] as Duplex;
  const runs = new Map<number, HostRun>();
  /** Hashes of the modules that the host has. */
  const modules = new Set<string>();
  const ready = Promise.withResolvers<void>();
  const exited = Promise.withResolvers<string>();
  let loss: HostLoss = 'crash';
  let guilty: number | undefined;
  let isStuck = false;
  let isGone = false;
  let started = 0;
  let pid: number | undefined;
  ready.promise.catch(() => undefined);

  function kill(reason: HostLoss, runId?: number): void {
    if (isGone) return;
    if (guilty === undefined) {
      loss = reason;
      guilty = runId;
    }
    if (pid !== undefined && pid !== child.pid) killQuietly(pid);
    killGroupQuietly(child);
  }

  function gone(how: string): void {
    if (isGone) return;
    isGone = true;
    clearTimeout(bootTimer);
    ready.reject(new Error('The script host ended before it was ready.'));
    for (const run of runs.values()) {
      run.onEnd({ lost: guilty === undefined || guilty === run.id ? loss : 'crash' });
    }
    runs.clear();
    channel.destroy();
    exited.resolve(how);
  }

  const bootTimer = setTimeout(() => kill('crash'), options.bootMs);

  function onReady(): void {
    clearTimeout(bootTimer);
    pid = findHostPid(child);
    ready.resolve();
  }

  function onOutcome(frame: Frame): void {
    const run = runs.get(frame.run);
    runs.delete(frame.run);
    run?.onEnd({ head: frame.head, body: frame.body });
  }

  const handlers: Readonly<Record<number, (frame: Frame) => void>> = {
    [frameKinds.ready]: onReady,
    [frameKinds.broken]: (frame) => ready.reject(new Error(frame.head)),
    [frameKinds.request]: (frame) => runs.get(frame.run)?.onRequest(frame.head, frame.body),
    [frameKinds.console]: (frame) => runs.get(frame.run)?.onConsole(frame.head),
    [frameKinds.outcome]: onOutcome,
    [frameKinds.stuck]: () => {
      isStuck = true;
    },
    [frameKinds.fatal]: (frame) => kill('fatal', frame.run),
  };

  const onFrame = (frame: Frame): void => {
    const handle = handlers[frame.kind];
    if (handle === undefined) throw new RangeError(`a frame of kind ${frame.kind}`);
    handle(frame);
  };

  const read = createFrameReader(options.maxFrameBytes, onFrame);
  channel.on('data', (chunk: Buffer) => {
    if (isGone) return;
    try {
      read(chunk);
    } catch {
      // No frame that we know: whoever wrote it is not the host that we started.
      kill('crash');
    }
  });
  channel.on('error', () => kill('crash'));
  channel.on('close', () => kill('crash'));
  child.on('error', (error) => gone(error.message));
  child.on('exit', (code, signal) => gone(signal ?? `exit code ${code}`));

  const send = (kind: number, runId: number, head: string, body?: string | Uint8Array): void => {
    if (!isGone && channel.writable) channel.write(encodeFrame(kind, runId, head, body));
  };

  return {
    ready: ready.promise,
    exited: exited.promise,
    start(run) {
      started += 1;
      runs.set(run.id, run);
      for (const { hash, text } of run.modules) {
        if (!modules.has(hash)) send(frameKinds.module, 0, hash, text);
        modules.add(hash);
      }
      send(frameKinds.run, run.id, run.head, run.body);
    },
    answer: (runId, head, body) => send(frameKinds.answer, runId, head, body),
    inFlight: () => runs.size,
    isStuck: () => isStuck,
    started: () => started,
    pid: () => (isGone ? undefined : pid),
    residentMb: () => (pid === undefined || isGone ? 0 : readResidentMb(pid)),
    kill,
  };
}

/** The child and all that it has started and not yet sent into a session of its own. */
function killGroupQuietly(child: ChildProcess): void {
  if (child.pid !== undefined && process.platform !== 'win32') killQuietly(-child.pid);
  child.kill('SIGKILL');
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}

/** In a namespace of processes the host is the only child of the program that made it. */
function findHostPid(child: ChildProcess): number | undefined {
  if (process.platform !== 'linux' || child.pid === undefined) return child.pid;
  try {
    const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim();
    return children === '' ? child.pid : Number(children.split(' ')[0]);
  } catch {
    return child.pid;
  }
}

function readResidentMb(pid: number): number {
  try {
    return (Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * pageKb) / 1024;
  } catch {
    return 0;
  }
}
