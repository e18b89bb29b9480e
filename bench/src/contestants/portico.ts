import { writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../processes/free-port.ts';
import { type StartedProcess, startProgram } from '../processes/started-process.ts';
import { api } from './bench-client.ts';
import type { Issuer } from './issuer.ts';
import { porticoSeed } from './portico-seed.ts';
import type { Workplace } from './workplace.ts';

export type Installation = {
  readonly dataDirectory: string;
  readonly seedFile: string;
  readonly port: number;
  /** undefined: SQLite in the data directory. */
  readonly databaseUrl?: string;
  readonly environment?: Readonly<Record<string, string>>;
};

export type StartedPortico = Issuer & { readonly process: StartedProcess; readonly readyMs: number };

const mainFile = join(import.meta.dirname, '../../../broker/src/main.ts');
const pollMs = 5;
const startLimitMs = 60_000;

/** Not started yet: a data directory, a seed and an address that outlive a start. */
export async function installPortico(workplace: Workplace): Promise<Installation> {
  const dataDirectory = workplace.directory('portico');
  const seedFile = join(dataDirectory, 'seed.json');
  writeFileSync(seedFile, JSON.stringify(porticoSeed(workplace.providerUrl), null, 2));
  return { dataDirectory, seedFile, port: await freePort() };
}

/** Defaults as an operator gets them; only what must differ is set. SQLite, fully durable, is the default. */
export async function startPortico(installation: Installation, name = 'Portico'): Promise<StartedPortico> {
  const origin = `http://127.0.0.1:${installation.port}`;
  const startedAt = performance.now();
  const process = startProgram({
    name,
    file: mainFile,
    environment: {
      PORTICO_ISSUER: `${origin}/`,
      PORTICO_HOST: '127.0.0.1',
      PORTICO_PORT: String(installation.port),
      PORTICO_DATA_DIR: installation.dataDirectory,
      PORTICO_SEED: installation.seedFile,
      PORTICO_EGRESS_ALLOW: 'loopback',
      ...(installation.databaseUrl === undefined ? {} : { PORTICO_DATABASE_URL: installation.databaseUrl }),
      ...installation.environment,
    },
    logFile: join(installation.dataDirectory, 'bench.log'),
  });
  await untilReady(process, `${origin}/readyz`, name);
  return {
    name,
    pid: process.pid,
    process,
    readyMs: performance.now() - startedAt,
    flow: { authorizationUrl: `${origin}/authorize`, tokenUrl: `${origin}/oauth/token`, parameters: {} },
    jwksUrl: `${origin}/.well-known/jwks.json`,
    userinfoUrl: `${origin}/userinfo`,
    apiParameters: { audience: api.audience },
    offlineParameters: {},
  };
}

async function untilReady(process: StartedProcess, url: string, name: string): Promise<void> {
  const deadline = performance.now() + startLimitMs;
  while (!(await answersOk(url))) {
    const { exitCode, signalCode } = process.child;
    if (exitCode !== null || signalCode !== null || performance.now() > deadline) {
      throw new Error(`${name} did not become ready:\n${process.logTail()}`);
    }
    await sleep(pollMs);
  }
}

const answersOk = (url: string): Promise<boolean> =>
  new Promise((resolve) => {
    const request = get(url, { agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.once('error', () => resolve(false));
  });
