import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { Worker } from 'node:worker_threads';

/*
 * For tests: what an attacker would do who has taken a script host over, with all of Node at hand. Started in place of
 * host/main.mjs, behind the same walls. Tells on descriptor 3 what was reached.
 */

const { canaryFile, writableFile, port, brokerPid } = JSON.parse(process.argv[3]);

const attempts = {
  environment: () => Object.keys(process.env).join(),
  file: () => readFileSync(canaryFile, 'utf8'),
  directory: () => readdirSync('/root').join(),
  brokerEnvironment: () => readFileSync(`/proc/${brokerPid}/environ`, 'utf8'),
  parentEnvironment: () => readFileSync(`/proc/${process.ppid}/environ`, 'utf8'),
  write: () => writeFileSync(writableFile, 'written') ?? 'written',
  killBroker: () => (process.kill(brokerPid, 0) ? 'would reach it' : ''),
  interfaces: () => Object.keys(networkInterfaces()).join(),
  program: () => (spawnSync('/bin/echo', ['ran']).stdout ?? '').toString(),
  thread: () => `thread ${new Worker('', { eval: true }).threadId}`,
  loopback: () =>
    new Promise((resolve, reject) => {
      connect(port, '127.0.0.1')
        .on('connect', () => resolve('connected'))
        .on('error', reject);
    }),
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
