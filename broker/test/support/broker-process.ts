import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './broker.ts';

/*
 * The broker as operators run it: a process of its own, started from its environment, stopped by signals. Started again
 * in the same place it finds what the last one left.
 */

const entry = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** Where a broker keeps its data, and how it is configured there. */
export type BrokerPlace = {
  readonly dataDir: string;
  readonly port: number;
  readonly issuerUrl: string;
  readonly sealingKeys: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Everything that was started here. */
  readonly children: Set<ChildProcess>;
  /** Ends what still runs here and removes the files. */
  remove(): void;
};

type PlaceOptions = {
  readonly seed?: unknown;
  readonly databaseUrl?: string | undefined;
  readonly environment?: Readonly<Record<string, string>>;
};

export async function makeBrokerPlace({ seed, databaseUrl, environment }: PlaceOptions = {}): Promise<BrokerPlace> {
  const directory = mkdtempSync(join(tmpdir(), 'portico-process-'));
  const dataDir = join(directory, 'data');
  const seedFile = join(directory, 'seed.json');
  const sealingKeys = `t1:${randomBytes(32).toString('base64')}`;
  writeFileSync(seedFile, typeof seed === 'string' ? seed : JSON.stringify(seed ?? {}));
  const port = await freePort();
  const children = new Set<ChildProcess>();
  return {
    children,
    dataDir,
    port,
    issuerUrl: `http://localhost:${port}/`,
    sealingKeys,
    environment: {
      PORTICO_PORT: String(port),
      PORTICO_DATA_DIR: dataDir,
      PORTICO_SEED: seedFile,
      PORTICO_EGRESS_ALLOW: 'loopback',
      PORTICO_SEALING_KEYS: sealingKeys,
      ...(databaseUrl === undefined ? {} : { PORTICO_DATABASE_URL: databaseUrl }),
      ...environment,
    },
    remove() {
      for (const child of children) child.kill('SIGKILL');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export type BrokerExit = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

export type BrokerProcess = {
  readonly pid: number;
  /** Both streams together. */
  output(): string;
  /** Resolves with the first line of the log that has these words; rejects when the process ends before. */
  said(words: string): Promise<Record<string, unknown>>;
  kill(signal: NodeJS.Signals): void;
  readonly exited: Promise<BrokerExit>;
};

/** Values that are undefined are taken out of the place's environment. `before`: a program that starts the broker. */
export function spawnBroker(
  place: BrokerPlace,
  environment: Readonly<Record<string, string | undefined>> = {},
  before: readonly string[] = [],
): BrokerProcess {
  const env = { PATH: process.env.PATH, ...place.environment, ...environment };
  const [program = '', ...words] = [...before, process.execPath, entry];
  const child = spawn(program, words, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  place.children.add(child);
  child.once('exit', () => place.children.delete(child));
  let text = '';
  const listeners = new Set<() => void>();
  const collect = (chunk: Buffer) => {
    text += chunk;
    for (const listener of listeners) listener();
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const exited = new Promise<BrokerExit>((resolve) => child.once('close', (code, signal) => resolve({ code, signal })));

  return {
    pid: child.pid ?? 0,
    output: () => text,
    said: (words) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const line = text.split('\n').find((each) => each.startsWith('{') && each.includes(`"msg":"${words}"`));
          if (line === undefined) return;
          listeners.delete(look);
          resolve(JSON.parse(line));
        };
        listeners.add(look);
        exited.then(() => reject(new Error(`the broker ended before it said "${words}":\n${text}`)));
        look();
      }),
    kill: (signal) => child.kill(signal),
    exited,
  };
}

/** A broker that is ready. */
export async function startBrokerProcess(
  place: BrokerPlace,
  environment: Readonly<Record<string, string | undefined>> = {},
  before: readonly string[] = [],
): Promise<BrokerProcess> {
  const broker = spawnBroker(place, environment, before);
  await broker.said('ready');
  return broker;
}
