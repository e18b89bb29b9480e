#!/usr/bin/env node
/*
 * The `portico` command. Plain JavaScript, so that an older Node.js gets here too: in a checkout it then becomes the one
 * that the set-up has brought.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';

const oldest = 24;
const main = join(import.meta.dirname, '..', 'src', 'main.ts');

if (Number(process.versions.node.split('.')[0]) >= oldest) {
  await import('../src/main.ts');
} else {
  const brought = join(main, '..', '..', '..', 'node_modules', 'node', 'bin', 'node');
  if (existsSync(brought)) become(brought, [main, ...process.argv.slice(2)]);
  else {
    process.stderr.write(
      `portico needs Node.js ${oldest} or later, and this is ${process.version}. In a checkout, npm start brings it.\n`,
    );
    process.exitCode = 1;
  }
}

/** Its terminal, its signals, its exit code. */
function become(program, args) {
  const child = spawn(program, args, { stdio: 'inherit' });
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  const forward = (signal) => child.kill(signal);
  for (const signal of signals) process.on(signal, forward);
  child.on('close', (code, signal) => {
    for (const name of signals) process.off(name, forward);
    process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0);
  });
}
