import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { DemoError, type DemoSettings } from './settings.ts';

export type Broker = { readonly exited: Promise<number>; stop(): void; kill(): void };

type Address = Pick<DemoSettings, 'issuer' | 'authorityFile'>;

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

/** For every request of this process from now on: the API's, too. Throws while the broker has not made it yet. */
function trust(authorityFile: string): void {
  setDefaultCACertificates([...getCACertificates('default'), readFileSync(authorityFile, 'utf8')]);
}

async function isReady({ issuer, authorityFile }: Address): Promise<boolean> {
  try {
    if (authorityFile !== undefined) trust(authorityFile);
    return (await fetch(`${issuer}readyz`, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}

/** Returns when the broker takes requests. A broker that ends has said why on its own. */
export async function untilReady(broker: Broker, address: Address): Promise<void> {
  let exitCode: number | undefined;
  void broker.exited.then((code) => {
    exitCode = code;
  });
  for (let tries = 0; tries < 600; tries += 1) {
    if (exitCode !== undefined) throw new DemoError(`Portico ended with exit code ${exitCode} before it was ready.`);
    if (await isReady(address)) return;
    await sleep(100);
  }
  throw new DemoError(`Portico did not become ready at ${address.issuer}readyz.`);
}
