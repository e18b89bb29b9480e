import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { DemoError } from './settings.ts';

export type Broker = { readonly exited: Promise<number>; stop(): void; kill(): void };

const entry = fileURLToPath(new URL('../../broker/src/main.ts', import.meta.url));

function exitOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}

/** The broker as an operator starts it: a process of its own, told everything by its environment. */
export function startBroker(env: NodeJS.ProcessEnv): Broker {
  // In a group of its own, so that Ctrl-C reaches it once, from us.
  const child = spawn(process.execPath, [entry], { env, stdio: ['ignore', 'inherit', 'inherit'], detached: true });
  const exited = exitOf(child);
  return {
    exited,
    stop: () => void child.kill('SIGTERM'),
    kill: () => void child.kill('SIGKILL'),
  };
}

async function isReady(issuer: string): Promise<boolean> {
  try {
    return (await fetch(`${issuer}readyz`, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}

/** Returns when the broker takes requests. A broker that ends has said why on its own. */
export async function untilReady(broker: Broker, issuer: string): Promise<void> {
  let exitCode: number | undefined;
  void broker.exited.then((code) => {
    exitCode = code;
  });
  for (let tries = 0; tries < 600; tries += 1) {
    if (exitCode !== undefined) throw new DemoError(`Portico ended with exit code ${exitCode} before it was ready.`);
    if (await isReady(issuer)) return;
    await sleep(100);
  }
  throw new DemoError(`Portico did not become ready at ${issuer}readyz.`);
}
