import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { readConfig } from '../../src/config.ts';
import type { JsonObject } from '../../src/core/json.ts';
import type { Log } from '../../src/operations/log.ts';
import { type Server, startServer } from '../../src/server.ts';
import type { SeedWire } from '../../src/wire/seed.ts';
import { makeScratchDirectory } from './scratch.ts';
import { watchAnswers } from './watch-answers.ts';

/** A clock that stands still until it is moved; it starts at the real time, since tokens are checked by others too. */
export type TestClock = { now(): Date; advance(seconds: number): void };

export function createTestClock(): TestClock {
  let ahead = 0;
  return {
    now: () => new Date(Date.now() + ahead),
    advance: (seconds) => {
      ahead += seconds * 1000;
    },
  };
}

export type LogRecord = { readonly level: string; readonly fields: JsonObject; readonly message: string };

export type Broker = Server & {
  readonly clock: TestClock;
  /** Everything that the broker logged. */
  readonly logs: readonly LogRecord[];
  /** `<issuer>path`, path without the first slash. */
  url(path: string): string;
  close(): Promise<void>;
};

export type BrokerOptions = {
  /** A function gets the issuer's address, which names the Management API's audience. */
  readonly seed?: SeedWire | ((issuerUrl: string) => SeedWire);
  /** undefined: a fresh SQLite file. */
  readonly databaseUrl?: string | undefined;
  readonly environment?: Readonly<Record<string, string>>;
  /** In place of `logs`, where a test reads more than memory should hold. */
  readonly log?: Log | undefined;
};

/** The whole broker in this process, on a free port, with loopback as the only way out. */
export async function startBroker(options: BrokerOptions = {}): Promise<Broker> {
  const { seed, databaseUrl, environment = {} } = options;
  const directory = makeScratchDirectory('test');
  const seedFile = join(directory, 'seed.json');
  const port = await freePort();
  const scheme = environment.PORTICO_TLS === undefined ? 'http' : 'https';
  const issuerUrl = environment.PORTICO_ISSUER ?? `${scheme}://localhost:${port}/`;
  const content = typeof seed === 'function' ? seed(issuerUrl) : seed;
  writeFileSync(seedFile, JSON.stringify(content ?? {}));
  const config = readConfig({
    PORTICO_PORT: String(port),
    PORTICO_DATA_DIR: directory,
    PORTICO_SEED: seedFile,
    PORTICO_EGRESS_ALLOW: 'loopback',
    PORTICO_SEALING_KEYS: `t1:${randomBytes(32).toString('base64')}`,
    ...(databaseUrl === undefined ? {} : { PORTICO_DATABASE_URL: databaseUrl }),
    ...environment,
  });
  const clock = createTestClock();
  const logs: LogRecord[] = [];
  const keep: Log = (level, fields, message) => {
    logs.push({ level, fields, message });
  };
  const server = await startServer(config, { clock, log: options.log ?? keep });
  const answers = watchAnswers(server.port);
  return {
    ...server,
    clock,
    logs,
    url: (path) => `${server.issuerUrl}${path}`,
    async close() {
      await server.stop();
      rmSync(directory, { recursive: true, force: true });
      answers.end();
    },
  };
}

/** A port that was free a moment ago; the issuer's address must be known before the server listens. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, 'localhost', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
