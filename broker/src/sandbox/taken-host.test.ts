import { spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findHostFiles } from './host-files.ts';
import { type HostWalls, listHostWalls } from './host-walls.ts';
import { testLimits } from './testing/sandbox-world.ts';

/*
 * The second wall. These tests hand a host over to the attacker on purpose: testing/taken-host.mjs runs in place of
 * host/main.mjs, behind the very walls that a host has, and with canaries in the environment, files and sockets. Once for
 * each form that the system offers; the log says at the start which one stands.
 */

const directory = mkdtempSync(join(tmpdir(), 'portico-taken-'));
const canaryFile = join(directory, 'canary');
const writableFile = join(directory, 'written');
const socketFile = join(directory, 'socket');
const servers: Server[] = [];
let port = 0;
let connections = 0;

async function listen(...address: [number, string] | [string]): Promise<Server> {
  const server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  servers.push(server);
  await new Promise<void>((resolve) => {
    if (address.length === 2) server.listen(address[0], address[1], resolve);
    else server.listen(address[0], resolve);
  });
  return server;
}

/** An operator's own user, who owns what the canaries are in; root plays it. */
const operator = 54_321;
const isRoot = process.getuid?.() === 0;

beforeAll(async () => {
  process.env['CANARY_ENV'] = 'canary-in-the-environment';
  writeFileSync(canaryFile, 'canary-in-a-file', { mode: 0o600 });
  port = ((await listen(0, '127.0.0.1')).address() as AddressInfo).port;
  await listen(socketFile);
  chmodSync(socketFile, 0o777);
  if (isRoot) for (const path of [directory, canaryFile, socketFile]) chownSync(path, operator, operator);
});
afterAll(() => {
  delete process.env['CANARY_ENV'];
  for (const server of servers) server.close();
  rmSync(directory, { recursive: true, force: true });
});

const files = { ...findHostFiles(), main: join(import.meta.dirname, 'testing', 'taken-host.mjs') };
const asOperator = ['setpriv', '--reuid', `${operator}`, '--regid', `${operator}`, '--clear-groups'];

/** A broker that is root gives its hosts to nobody; any other has no user to give them to but its own. */
const brokers = [
  ...(isRoot ? [{ broker: 'a broker that is root', isRoot: true, before: [] }] : []),
  { broker: 'a broker that is not root', isRoot: false, before: isRoot ? asOperator : [] },
];

async function takeOver(command: readonly string[]): Promise<Record<string, string>> {
  connections = 0;
  const ownFiles = [process.execPath, files.main, files.addon, ...files.code, ...files.libraries];
  const canaries = { canaryFile, writableFile, socketFile, port, brokerPid: process.pid, ownFiles };
  const [program = '', ...args] = [...command, JSON.stringify(canaries)];
  const child = spawn(program, args, { env: {}, cwd: '/', stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  child.on('error', () => undefined);
  const told = await text(child.stdio[3] as Readable);
  return told === '' ? {} : JSON.parse(told);
}

const reachedBy = (told: Record<string, string>) => Object.entries(told).filter(([, value]) => value !== '');
const pastPermissions = (command: readonly string[]) => command.filter((part) => !/^--(permission|allow-)/.test(part));

/** A form that the system does not offer does not start at all, and there is no such wall to test. */
async function listOffered(before: readonly string[], isRoot: boolean): Promise<readonly HostWalls[]> {
  const all = listHostWalls(testLimits, files, isRoot);
  const told = await Promise.all(all.map(({ command }) => takeOver([...before, ...command])));
  return all.filter((_, index) => Object.keys(told[index] ?? {}).length > 0);
}

test('without any wall the attempts do reach what they are after', async () => {
  const reached = await takeOver([process.execPath, files.main, 'no addon']);
  expect(reached).toMatchObject({
    file: 'canary-in-a-file',
    users: 'root',
    brokerEnvironment: expect.anything(),
    write: 'written',
    writeOwnCode: 'opened',
    killBroker: 'would reach it',
    program: 'ran\n',
    thread: 'thread 1',
    loopback: 'connected',
    socketFile: 'connected',
  });
  expect(reached['folders']).toContain('/etc');
  expect(connections).toBe(2);
  rmSync(writableFile);
});

describe.each(brokers)('of $broker', async ({ isRoot, before }) => {
  const offered = await listOffered(before, isRoot);

  test('of the forms that start, each has all the walls of those behind it', () => {
    expect(offered.length).toBeGreaterThan(0);
    offered.forEach(({ standing }, index) => {
      for (const weaker of offered.slice(index + 1))
        expect(standing).toEqual(expect.arrayContaining([...weaker.standing]));
    });
  });

  const native = (walls: HostWalls) => takeOver([...before, ...pastPermissions(walls.command)]);

  test.each(offered.filter(({ standing }) => standing.includes('no-network')))(
    'a host behind $form that is handed over to the attacker reaches nothing, with all of Node at hand',
    async ({ form, command }) => {
      const reached = reachedBy(await takeOver([...before, ...command]));
      // Only a root of its own keeps it from the sockets that its user may open by their path.
      const lets = form === 'namespaces' && !isRoot ? ['interfaces', 'socketFile'] : ['interfaces'];
      expect(reached.filter(([name]) => !lets.includes(name))).toEqual([]);
      if (form === 'namespaces') return;
      expect([connections, existsSync(writableFile)]).toEqual([0, false]);
    },
  );

  test.each(offered.filter(({ standing }) => standing.includes('no-files')))(
    'behind $form it reaches nothing either when it is past the permissions of Node: no file, no program, no socket',
    async (walls) => {
      const reached = reachedBy(await native(walls));
      // A thread is another thread of the same host, behind the same walls.
      expect(reached.filter(([name]) => !['interfaces', 'thread'].includes(name))).toEqual([]);
      expect([connections, existsSync(writableFile)]).toEqual([0, false]);
    },
  );

  test.each(offered.filter(({ form }) => form === 'namespaces'))(
    'behind $form network, processes and the environment stay shut when it is past them',
    async (walls) => {
      const reached = await native(walls);
      expect(reached).toMatchObject({ environment: '', brokerEnvironment: '', parentEnvironment: '' });
      expect([reached['loopback'], reached['killBroker']]).toEqual(['', '']);
      // Files are what this form does not keep: nobody's where the broker is root, otherwise the broker's own.
      expect(reached['file']).toBe(isRoot ? '' : 'canary-in-a-file');
      // Whatever it may write to, it has no room there.
      if (existsSync(writableFile)) expect(readFileSync(writableFile, 'utf8')).toBe('');
      rmSync(writableFile, { force: true });
    },
  );
});
