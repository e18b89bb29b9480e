import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';

/** Programs under test get what an operator would set, and nothing of this shell's environment. */
const baseEnvironment = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', NODE_ENV: 'production' };
const stopMs = 10_000;

export type Program = {
  readonly name: string;
  readonly file: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Where stdout and stderr go: a log on disk is part of what running a server costs. */
  readonly logFile: string;
};

export type StartedProcess = {
  readonly pid: number;
  readonly child: ChildProcess;
  /** The end of its log, for error messages. */
  logTail(): string;
  stop(): Promise<void>;
};

const started = new Set<StartedProcess>();

/** Starts a program that knows nothing of the benchmark. */
export function startProgram(program: Program): StartedProcess {
  const log = openSync(program.logFile, 'a');
  const child = spawn(process.execPath, [program.file], {
    env: { ...baseEnvironment, ...program.environment },
    stdio: ['ignore', log, log],
  });
  return track(program, child, log);
}

/** Starts one of our own programs; it sends `{ port }` when it listens and ends when this process is gone. */
export async function startPeer(program: Program): Promise<StartedProcess & { readonly port: number }> {
  const log = openSync(program.logFile, 'a');
  const child = fork(program.file, [], {
    env: { ...baseEnvironment, ...program.environment },
    stdio: ['ignore', log, log, 'ipc'],
  });
  const peer = track(program, child, log);
  const message = await nextMessage(peer, program.name);
  return { ...peer, port: Number((message as { port: number }).port) };
}

/** What a peer says next; throws if it ends instead. */
export async function nextMessage({ child, logTail }: StartedProcess, name: string): Promise<unknown> {
  const ended = new AbortController();
  const end = () => ended.abort();
  child.once('exit', end);
  try {
    const [message] = await once(child, 'message', { signal: ended.signal });
    return message;
  } catch (cause) {
    throw new Error(`${name} ended:\n${logTail()}`, { cause });
  } finally {
    child.off('exit', end);
  }
}

function track(program: Program, child: ChildProcess, log: number): StartedProcess {
  closeSync(log);
  const { pid } = child;
  if (pid === undefined) throw new Error(`${program.name} could not be started`);
  const process: StartedProcess = {
    pid,
    child,
    logTail: () => readFileSync(program.logFile, 'utf8').split('\n').slice(-20).join('\n'),
    stop: () => stop(process),
  };
  started.add(process);
  return process;
}

async function stop(process: StartedProcess): Promise<void> {
  started.delete(process);
  const { child } = process;
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), stopMs);
  await exit;
  clearTimeout(timer);
}

export async function stopAllProcesses(): Promise<void> {
  await Promise.all([...started].map((process) => process.stop()));
}
