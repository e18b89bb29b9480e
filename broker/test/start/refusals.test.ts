import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, test } from 'vitest';
import { type BrokerPlace, makeBrokerPlace, spawnBroker, startBrokerProcess } from '../support/broker-process.ts';
import { databases, useDatabase } from '../support/databases.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

async function place(options: Parameters<typeof makeBrokerPlace>[0] = {}): Promise<BrokerPlace> {
  const made = await makeBrokerPlace(options);
  cleanups.push(made.remove);
  return made;
}

/** What a broker that cannot start says; it must end with exit code 1 by itself. */
async function refusal(at: BrokerPlace, environment: Record<string, string | undefined> = {}): Promise<string> {
  const broker = spawnBroker(at, environment);
  expect(await broker.exited).toEqual({ code: 1, signal: null });
  expect(broker.output()).toContain('portico cannot start: ');
  // A sentence for operators, not a stack.
  expect(broker.output()).not.toMatch(/\n\s+at /);
  return broker.output();
}

const digestOf = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');

describe('a configuration that cannot work', () => {
  test('every problem is listed in one message, and nothing is written', async () => {
    const at = await place({ seed: { clients: [{ client_id: 'has a space', name: 'x', client_secret: 'short' }] } });
    const text = await refusal(at, {
      PORTICO_PORT: 'eighty',
      PORTICO_ISSUER: 'https://id.example.com/path',
      PORTICO_DATABASE_URL: 'mysql://somewhere',
      PORTICO_EGRESS_ALLOW: 'not a network/99',
      PORTICO_LOG_LEVEL: 'shouting',
      PORTICO_TLS_CERT: '/nowhere/cert.pem',
      PORTICO_SCRIPT_HOSTS: '0',
      PORTICO_TRUST_PROXY: 'my-proxy',
      PORTICO_SEALING_KEYS: 'k1:dG9vLXNob3J0,k1:dG9vLXNob3J0',
    });
    for (const name of [
      'PORT',
      'ISSUER',
      'DATABASE_URL',
      'EGRESS_ALLOW',
      'LOG_LEVEL',
      'TLS_CERT',
      'SCRIPT_HOSTS',
      'TRUST_PROXY',
    ]) {
      expect(text).toContain(`PORTICO_${name}`);
    }
    expect(text).toContain('PORTICO_SEALING_KEYS: entry 1');
    expect(text).toContain('PORTICO_SEALING_KEYS: entry 2');
    expect(text).toContain('seed file, /clients/0/client_id');
    expect(text.match(/portico cannot start/g)).toHaveLength(1);
    const listed = text.split('\n').filter((line) => line.startsWith('  - '));
    expect(text).toContain(`${listed.length} problems in the configuration`);
    expect(text).not.toMatch(/dG9vLXNob3J0|short/);
    expect(existsSync(at.dataDir)).toBe(false);
  });

  test('PostgreSQL without sealing keys is refused: brokers on one database share them', async () => {
    const at = await place();
    const text = await refusal(at, {
      PORTICO_SEALING_KEYS: undefined,
      PORTICO_DATABASE_URL: 'postgres://portico@127.0.0.1:1/portico',
    });
    expect(text).toContain('PORTICO_SEALING_KEYS is missing');
    expect(existsSync(at.dataDir)).toBe(false);
  });
});

describe('a seed file with mistakes', () => {
  const secret = 'do-not-print-this-secret';
  const connection = { name: 'acme', strategy: 'oauth2', options: { client_secret: secret } };
  const client = { client_id: 'app', client_secret: secret, name: 'App' };

  test.each([
    ['is not JSON', `{"clients": [{"client_secret": "${secret}"`, ['the seed file is not JSON']],
    [
      'has values of the wrong kind',
      {
        clients: [
          { ...client, app_type: secret },
          { name: 1, client_id: 'x', client_secret: secret },
        ],
        connections: [{ ...connection, name: '-bad-', strategy: secret }],
        tenant: { session_lifetime: secret },
      },
      [
        '/clients/0/app_type',
        '/clients/1/name',
        '/connections/0/name',
        '/connections/0/strategy',
        '/tenant/session_lifetime',
      ],
    ],
    [
      'has addresses that nobody may be sent to',
      { clients: [{ ...client, callbacks: ['javascript:alert(1)', 'https://ok.example/cb'] }] },
      ['client app: the callback javascript:alert(1) must not use the scheme'],
    ],
    ['leaves out a secret', { clients: [{ client_id: 'app', name: 'App' }] }, ['client app: client_secret is missing']],
    [
      'uses a name twice',
      {
        clients: [client, client],
        connections: [connection, connection],
        resource_servers: [{ identifier: 'urn:api' }, { identifier: 'urn:api' }],
      },
      [
        'the client_id app is used twice',
        'the connection name acme is used twice',
        'the identifier urn:api is used twice',
      ],
    ],
    [
      'points at what is not there',
      {
        clients: [client],
        connections: [{ ...connection, enabled_clients: ['app', 'ghost'] }],
        client_grants: [{ client_id: 'phantom', audience: 'urn:missing', scope: [] }],
      },
      ['connection acme: there is no client ghost', 'there is no client phantom', 'there is no API urn:missing'],
    ],
  ])(
    '%s: each mistake is named by its place, no value of a secret is printed, nothing is written',
    async (_, seed, expected) => {
      const at = await place({ seed });
      const text = await refusal(at);
      for (const part of expected) expect(text).toContain(part);
      expect(text).not.toContain(secret);
      expect(existsSync(at.dataDir)).toBe(false);
    },
  );
});

describe('surroundings that do not allow a start', () => {
  test('a database that cannot be reached is named, without its password', async () => {
    const at = await place();
    const text = await refusal(at, { PORTICO_DATABASE_URL: 'postgres://portico:pass-word-1@127.0.0.1:1/portico' });
    expect(text).toMatch(/database/i);
    expect(text).toContain('127.0.0.1');
    expect(text).not.toContain('pass-word-1');
  });

  test('a database file in a place that does not exist', async () => {
    const at = await place();
    const text = await refusal(at, { PORTICO_DATABASE_URL: 'sqlite:/dev/null/nowhere/portico.db' });
    expect(text).toContain('/dev/null/nowhere/portico.db');
  });

  test('a file that is no database is left as it is', async () => {
    const at = await place();
    const file = join(at.dataDir, '..', 'notes.txt');
    writeFileSync(file, 'these are notes, not a database, and they stay'.repeat(100));
    const before = digestOf(file);
    expect(await refusal(at, { PORTICO_DATABASE_URL: `sqlite:${file}` })).toContain('notes.txt');
    expect(digestOf(file)).toBe(before);
  });
});

describe.each(databases)('on %s', (database) => {
  const server = useDatabase(database);

  test('a taken port is named with the variable that changes it, and the database stays untouched', async () => {
    const at = await place({ databaseUrl: await server.url() });
    const squatter = createServer().listen(at.port, 'localhost');
    cleanups.push(() => squatter.close());
    expect(await refusal(at)).toContain(`port ${at.port} is taken; choose another one with PORTICO_PORT`);
    expect(existsSync(at.dataDir) ? readdirSync(at.dataDir) : []).toEqual([]);
    // What is set up later is set up from scratch: the first start did not leave half of it.
    squatter.close();
    const broker = await startBrokerProcess(at);
    cleanups.push(() => broker.exited);
    expect(broker.output()).toContain('the tenant was empty and has been set up');
    broker.kill('SIGTERM');
  });

  test('a database whose kept sealing keys are gone is refused, and no new keys are made for it', async () => {
    const at = await place();
    const file = join(at.dataDir, 'sealing-keys');
    mkdirSync(at.dataDir);
    writeFileSync(join(at.dataDir, 'portico.db'), '');
    expect(await refusal(at, { PORTICO_SEALING_KEYS: undefined })).toContain('sealing-keys is gone');
    expect(existsSync(file)).toBe(false);
  });

  test('sealing keys that do not open what is stored are refused, and the right ones work afterwards', async () => {
    const at = await place({ databaseUrl: await server.url() });
    const first = await startBrokerProcess(at);
    first.kill('SIGTERM');
    expect(await first.exited).toEqual({ code: 0, signal: null });
    for (const id of ['t1', 't2']) {
      const text = await refusal(at, {
        PORTICO_SEALING_KEYS: `${id}:${Buffer.from([...Array(32).keys()]).toString('base64')}`,
      });
      expect(text).toContain('PORTICO_SEALING_KEYS does not open what is stored');
    }
    const again = await startBrokerProcess(at);
    again.kill('SIGTERM');
    expect(await again.exited).toEqual({ code: 0, signal: null });
  });

  test('a second start does not seed again, whatever the seed file says by then', async () => {
    const client = { client_id: 'machine', client_secret: 'machine-secret-0123456789', name: 'Machine' };
    const api = { identifier: 'urn:api' };
    const grant = { client_id: 'machine', audience: 'urn:api', scope: [] };
    const at = await place({
      databaseUrl: await server.url(),
      seed: { clients: [client], resource_servers: [api], client_grants: [grant] },
    });
    const askToken = async (secret: string) => {
      const body = new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: 'machine',
        client_secret: secret,
        audience: 'urn:api',
      });
      return (await fetch(`${at.issuerUrl}oauth/token`, { method: 'POST', body })).status;
    };
    const readKeys = async () => (await fetch(`${at.issuerUrl}.well-known/jwks.json`)).json();
    const first = await startBrokerProcess(at);
    const keys = await readKeys();
    expect(await askToken(client.client_secret)).toBe(200);
    first.kill('SIGTERM');
    await first.exited;

    const changed = { ...client, client_secret: 'another-secret-0123456789' };
    writeFileSync(at.environment.PORTICO_SEED ?? '', JSON.stringify({ clients: [changed] }));
    const second = await startBrokerProcess(at);
    expect(second.output()).not.toContain('the tenant was empty');
    expect(await readKeys()).toEqual(keys);
    expect(await askToken(client.client_secret)).toBe(200);
    expect(await askToken(changed.client_secret)).toBe(401);
    second.kill('SIGTERM');
    await second.exited;
  });
});

test('a schema of a newer program is refused, and the file stays byte for byte', async () => {
  const at = await place();
  const first = await startBrokerProcess(at);
  first.kill('SIGTERM');
  await first.exited;
  const file = join(at.dataDir, 'portico.db');
  const db = new Database(file);
  db.prepare('update schema_version set version = 99').run();
  db.pragma('wal_checkpoint(truncate)');
  db.close();
  const before = digestOf(file);
  const text = await refusal(at);
  expect(text).toContain('schema version 99');
  expect(text).toContain('Nothing was changed');
  expect(digestOf(file)).toBe(before);
});
