import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findAddon, listHostWalls } from './host-walls.ts';
import { testLimits } from './testing/sandbox-world.ts';

/*
 * The second wall. These tests hand a host over to the attacker on purpose: testing/taken-host.mjs runs in place of
 * host/main.mjs, behind the very walls that a host has, and with canaries in the environment, a file and a socket.
 */

const directory = mkdtempSync(join(tmpdir(), 'portico-taken-'));
const canaryFile = join(directory, 'canary');
const writableFile = join(directory, 'written');
const server = createServer();
let connections = 0;

beforeAll(async () => {
  process.env['CANARY_ENV'] = 'canary-in-the-environment';
  writeFileSync(canaryFile, 'canary-in-a-file', { mode: 0o600 });
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  delete process.env['CANARY_ENV'];
  server.close();
  rmSync(directory, { recursive: true, force: true });
});

const isRoot = process.getuid?.() === 0;
const [strongest] = listHostWalls(testLimits, findAddon(), isRoot);

/** Where the system has no namespaces to offer, the log says so at the start and there is no such wall to test. */
const offersNamespaces = spawnSync('unshare', ['-U', '-n', '-p', '-m', '-f', 'true']).status === 0;

async function takeOver(command: readonly string[]): Promise<Record<string, string>> {
  const { port } = server.address() as AddressInfo;
  const taken = command.map((part) => part.replace(/host\/main\.mjs$/, 'testing/taken-host.mjs'));
  const [program = '', ...args] = [
    ...taken,
    JSON.stringify({ canaryFile, writableFile, port, brokerPid: process.pid }),
  ];
  const child = spawn(program, args, { env: {}, cwd: '/', stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  return JSON.parse(await text(child.stdio[3] as Readable));
}

test('without any wall the attempts do reach what they are after', async () => {
  const reached = await takeOver([process.execPath, join(import.meta.dirname, 'host', 'main.mjs'), 'no addon']);
  expect(reached).toMatchObject({
    file: 'canary-in-a-file',
    brokerEnvironment: expect.anything(),
    write: 'written',
    killBroker: 'would reach it',
    program: 'ran\n',
    thread: 'thread 1',
    loopback: 'connected',
  });
  rmSync(writableFile);
  connections = 0;
});

test('a host that is handed over to the attacker reaches nothing, with all of Node at hand', async () => {
  if (!offersNamespaces) return;
  const reached = await takeOver(strongest?.command ?? []);
  expect(Object.entries(reached).filter(([, value]) => value !== '' && value !== 'lo')).toEqual([]);
  expect([connections, existsSync(writableFile)]).toEqual([0, false]);
});

test('nor does one that is past the permissions of Node as well: network, processes and the environment stay shut', async () => {
  if (!offersNamespaces) return;
  const native = (strongest?.command ?? []).filter((part) => !/^--(permission|allow-)/.test(part));
  const { environment, brokerEnvironment, parentEnvironment, loopback, killBroker, ...rest } = await takeOver(native);
  expect([environment, brokerEnvironment, parentEnvironment]).toEqual(['', '', '']);
  expect([loopback, killBroker, connections]).toEqual(['', '', 0]);
  // A broker that is root gives its hosts to nobody; otherwise they have its own user's files.
  if (isRoot) expect([rest['file'], rest['directory']]).toEqual(['', '']);
  // Whatever it may write to, it has no room there.
  if (existsSync(writableFile)) expect(readFileSync(writableFile, 'utf8')).toBe('');
});
