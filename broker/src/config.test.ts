import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { readConfig } from './config.ts';
import { ConfigError } from './core/errors.ts';

const root = mkdtempSync(join(tmpdir(), 'portico-config-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let dataDir = '';
let count = 0;
beforeEach(() => {
  count += 1;
  dataDir = join(root, `data-${count}`);
});

const sealingKeys = `k1:${Buffer.from([...Array(32).keys()]).toString('base64')}`;
const read = (environment: Record<string, string> = {}) => readConfig({ PORTICO_DATA_DIR: dataDir, ...environment });

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    read(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  throw new Error('the configuration was taken');
}

test('nothing has to be set: localhost, SQLite in the data directory, nothing beyond public addresses', () => {
  expect(read()).toMatchObject({
    issuerUrl: 'http://localhost:3000/',
    isSecure: false,
    host: 'localhost',
    port: 3000,
    databaseUrl: `sqlite:${join(dataDir, 'portico.db')}`,
    egressAllow: '',
    tls: undefined,
    trustProxy: false,
    logLevel: 'info',
    seed: undefined,
  });
});

test('values that are empty or blank count as not set', () => {
  expect(read({ PORTICO_PORT: '', PORTICO_ISSUER: '  ', PORTICO_LOG_LEVEL: '' })).toMatchObject({
    port: 3000,
    logLevel: 'info',
  });
});

test.each([
  ['https://id.example.com', 'https://id.example.com/', true],
  ['https://id.example.com/', 'https://id.example.com/', true],
  ['HTTPS://ID.Example.com:443', 'https://id.example.com/', true],
  ['http://localhost:4400', 'http://localhost:4400/', false],
])('the issuer %s is published as %s', (given, issuerUrl, isSecure) => {
  expect(read({ PORTICO_ISSUER: given })).toMatchObject({ issuerUrl, isSecure });
});

test.each([
  ['PORTICO_ISSUER', 'ftp://id.example.com'],
  ['PORTICO_ISSUER', 'id.example.com'],
  ['PORTICO_ISSUER', 'https://id.example.com/path'],
  ['PORTICO_ISSUER', 'https://id.example.com/?a=1'],
  ['PORTICO_ISSUER', 'https://user@id.example.com'],
  ['PORTICO_PORT', '-1'],
  ['PORTICO_PORT', '65536'],
  ['PORTICO_PORT', '30.5'],
  ['PORTICO_PORT', '0x10'],
  ['PORTICO_DATABASE_URL', 'mysql://db'],
  ['PORTICO_DATABASE_URL', 'sqlite:'],
  ['PORTICO_LOG_LEVEL', 'loud'],
  ['PORTICO_SCRIPT_HOSTS', '65'],
  ['PORTICO_TLS_CERT', '/etc/hostname'],
  ['PORTICO_SEED', '/nowhere/seed.json'],
  ['PORTICO_EGRESS_ALLOW', 'loopback, 10.0.0.0/99'],
  ['PORTICO_SEALING_KEYS', 'k1:short'],
  ['PORTICO_SEALING_KEYS', `k1:${'A'.repeat(43)}=`],
  ['PORTICO_METRICS_TOKEN', 'short'],
  ['PORTICO_METRICS_TOKEN', 'one token and another'],
])('API-23: %s=%s is a problem that names it', (name, value) => {
  expect(problemsOf({ [name]: value }).join('\n')).toContain(name.replace('_TLS_CERT', '_TLS_'));
  expect(existsSync(dataDir)).toBe(false);
});

describe('sealing keys', () => {
  test('that are given are not written down', () => {
    expect(read({ PORTICO_SEALING_KEYS: sealingKeys }).keyring.active.id).toBe('k1');
    expect(existsSync(dataDir)).toBe(false);
  });

  test('that are not given are made once, for the owner only, and kept', () => {
    const first = read();
    const file = join(dataDir, 'sealing-keys');
    expect([statSync(file).mode & 0o777, statSync(dataDir).mode & 0o777]).toEqual([0o600, 0o700]);
    const text = readFileSync(file, 'utf8');
    const second = read();
    expect(second.keyring.active.key.equals(first.keyring.active.key)).toBe(true);
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  test('in a kept file that was damaged are a problem that names the file, and it stays as it is', () => {
    read();
    const file = join(dataDir, 'sealing-keys');
    writeFileSync(file, 'k1:damaged\n');
    expect(problemsOf({}).join('\n')).toContain(file);
    expect(readFileSync(file, 'utf8')).toBe('k1:damaged\n');
  });

  test('must be given where the database is shared', () => {
    const databaseUrl = 'postgres://portico@localhost/portico';
    expect(problemsOf({ PORTICO_DATABASE_URL: databaseUrl })).toEqual([
      expect.stringContaining('PORTICO_SEALING_KEYS is missing'),
    ]);
    expect(read({ PORTICO_DATABASE_URL: databaseUrl, PORTICO_SEALING_KEYS: sealingKeys }).databaseUrl).toBe(
      databaseUrl,
    );
  });
});

test("a seed may grant the Management API, whose audience is the issuer's own", () => {
  const seedFile = join(root, 'seed.json');
  const client = { client_id: 'admin', client_secret: 'admin-secret-0123456789', name: 'Admin' };
  const grant = { client_id: 'admin', audience: 'https://id.example.com/api/v2/', scope: ['read:users'] };
  writeFileSync(seedFile, JSON.stringify({ clients: [client], client_grants: [grant] }));
  const environment = { PORTICO_SEED: seedFile, PORTICO_SEALING_KEYS: sealingKeys };
  expect(read({ ...environment, PORTICO_ISSUER: 'https://id.example.com' }).seed?.client_grants).toEqual([grant]);
  expect(problemsOf({ ...environment, PORTICO_ISSUER: 'https://other.example.com' })).toEqual([
    'seed file, /client_grants/0: there is no API https://id.example.com/api/v2/',
  ]);
});

test('what scripts may use can be set, and strict walls asked for', () => {
  expect(read()).toMatchObject({ needsAllWalls: false });
  const given = {
    PORTICO_SANDBOX: 'strict',
    PORTICO_SCRIPT_CPU_MS: '700',
    PORTICO_SCRIPT_MEMORY_MB: '64',
    PORTICO_SCRIPT_MAX_REQUESTS: '3',
  };
  expect(read(given)).toMatchObject({
    needsAllWalls: true,
    scriptLimits: { cpuMs: 700, memoryMb: 64, maxRequests: 3, maxConsoleLines: 500 },
  });
  expect(problemsOf({ PORTICO_SANDBOX: 'loose', PORTICO_SCRIPT_MEMORY_MB: '1' })).toEqual([
    'PORTICO_SCRIPT_MEMORY_MB must be a whole number from 16 to 1024; it is "1"',
    'PORTICO_SANDBOX must be auto or strict',
  ]);
});
