import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { Worker } from 'node:worker_threads';

/*
 * For tests: what an attacker would do who has taken a script host over, with all of Node at hand. Started in place of
 * host/main.mjs, behind the same walls. Tells on descriptor 3 what was reached.
 */

const { canaryFile, writableFile, socketFile, port, brokerPid, ownFiles } = JSON.parse(process.argv[3]);

const connectTo = (...address) =>
  new Promise((resolve, reject) => {
    connect(...address)
      .on('connect', () => resolve('connected'))
      .on('error', reject);
  });

/** What of these folders can be seen and is neither the host's own nor on the way to it. */
const foreignFolders = () =>
  readdirSync('/')
    .filter((name) => ['bin', 'etc', 'home', 'root', 'tmp', 'var'].includes(name))
    .flatMap((name) => foreignIn(`/${name}`))
    .join();

function foreignIn(folder) {
  if (ownFiles.includes(folder)) return [];
  if (!ownFiles.some((own) => own.startsWith(`${folder}/`))) {
    return readdirSync(folder).length === 0 ? [] : [folder];
  }
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return foreignIn(path);
    return ownFiles.includes(path) ? [] : [path];
  });
}

function leaveNoTrace(path) {
  writeFileSync(path, '');
  rmSync(path);
  return 'opened';
}

const attempts = {
  // bubblewrap sets PWD for its --chdir.
  environment: () =>
    Object.entries(process.env)
      .filter((entry) => entry.join('=') !== 'PWD=/')
      .join(),
  file: () => readFileSync(canaryFile, 'utf8'),
  users: () => readFileSync('/etc/passwd', 'utf8').slice(0, 4),
  folders: foreignFolders,
  brokerEnvironment: () => readFileSync(`/proc/${brokerPid}/environ`, 'utf8'),
  parentEnvironment: () => readFileSync(`/proc/${process.ppid}/environ`, 'utf8'),
  write: () => writeFileSync(writableFile, 'written') ?? 'written',
  writeOwnCode: () => writeFileSync(process.argv[1], '', { flag: 'a' }) ?? 'opened',
  writeTemporary: () => leaveNoTrace(`/tmp/portico-taken-${process.pid}`),
  writeRoot: () => leaveNoTrace(`/portico-taken-${process.pid}`),
  killBroker: () => (process.kill(brokerPid, 0) ? 'would reach it' : ''),
  interfaces: () => Object.keys(networkInterfaces()).join(),
  program: () => (spawnSync('/bin/echo', ['ran']).stdout ?? '').toString(),
  thread: () => `thread ${new Worker('', { eval: true }).threadId}`,
  loopback: () => connectTo(port, '127.0.0.1'),
  socketFile: () => connectTo(socketFile),
};

const reached = {};
for (const [name, attempt] of Object.entries(attempts)) {
  try {
    reached[name] = await attempt();
  } catch {
    reached[name] = '';
  }
}
writeSync(3, `${JSON.stringify(reached)}\n`);
process.exit(0);
