import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What `npm start` writes into the data directory. */
export type DemoFile = {
  readonly issuer: string;
  readonly app_url: string;
  readonly api_url: string;
  readonly provider_url: string;
  readonly spa: { readonly client_id: string };
  readonly management: { readonly client_id: string; readonly client_secret: string };
  readonly connections: readonly string[];
};

export type DemoRun = {
  readonly output: () => string;
  /** Resolves when the demo says that it is ready; rejects with its output when it ends before. */
  readonly ready: Promise<void>;
  readonly exited: Promise<number | null>;
  stop(signal?: NodeJS.Signals): Promise<number | null>;
};

export type DemoPlace = { readonly dataDir: string; readonly port: number; readonly demoPort: number };

const entry = fileURLToPath(new URL('../../../demo/src/start.ts', import.meta.url));

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, 'localhost', () => probe.close(() => resolve(true)));
  });

/** Four free ports in a row: one for the broker, three for the demo. Below the range that systems hand out by themselves. */
async function findPorts(): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    const first = 20_000 + Math.floor(Math.random() * 3_000) * 4;
    const free = await Promise.all([0, 1, 2, 3].map((offset) => isFree(first + offset)));
    if (free.every(Boolean)) return first;
  }
  throw new Error('no four free ports in a row');
}

export async function makeDemoPlace(): Promise<DemoPlace> {
  const port = await findPorts();
  return { dataDir: mkdtempSync(join(tmpdir(), 'portico-demo-')), port, demoPort: port + 1 };
}

export const readDemoFile = ({ dataDir }: DemoPlace): DemoFile =>
  JSON.parse(readFileSync(join(dataDir, 'demo.json'), 'utf8'));

export const removeDemoPlace = ({ dataDir }: DemoPlace): void => rmSync(dataDir, { recursive: true, force: true });

function whenSaid(child: ChildProcess, output: () => string, phrase: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', () => {
      if (output().includes(phrase)) resolve();
    });
    child.once('exit', () => reject(new Error(`the demo ended early:\n${output()}`)));
  });
}

/** `npm start` without its set-up: the demo as a process of its own. */
export function startDemo(
  { dataDir, port, demoPort }: DemoPlace,
  environment: Readonly<Record<string, string>> = {},
): DemoRun {
  const env = {
    ...process.env,
    PORTICO_DATA_DIR: dataDir,
    PORTICO_PORT: String(port),
    PORTICO_DEMO_PORT: String(demoPort),
    ...environment,
  };
  const child = spawn(process.execPath, [entry], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  const collect = (chunk: Buffer) => {
    text += chunk;
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const ready = whenSaid(child, () => text, 'Portico is ready.');
  // Whoever does not wait for it must not die of it.
  ready.catch(() => {});
  return {
    output: () => text,
    ready,
    exited,
    stop(signal = 'SIGTERM') {
      child.kill(signal);
      return exited;
    },
  };
}
