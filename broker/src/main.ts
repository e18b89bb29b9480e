#!/usr/bin/env node
import { readConfig } from './config.ts';
import { ConfigError } from './core/errors.ts';
import { startServer } from './server.ts';

/** `portico`: starts the broker from the environment. Exit code 1 with every problem listed when it cannot. */
async function main(): Promise<void> {
  const environment = { ...process.env };
  // Children and crash reports must not carry it.
  delete process.env.PORTICO_SEALING_KEYS;
  const config = readConfig(environment);
  // Listened for from here on: a signal during the start stops a broker that is whole, not half of one.
  const stopAsked = whenStopIsAsked();
  const server = await startServer(config);
  await stopAsked;
  await server.stop();
  process.exit(0);
}

/** The first signal asks; a second one ends the process at once. */
function whenStopIsAsked(): Promise<void> {
  return new Promise((resolve) => {
    const ask = () => {
      process.removeListener('SIGTERM', ask);
      process.removeListener('SIGINT', ask);
      resolve();
    };
    process.on('SIGTERM', ask);
    process.on('SIGINT', ask);
  });
}

main().catch((error: unknown) => {
  process.stderr.write(`portico cannot start: ${explain(error)}\n`);
  process.exit(1);
});

function explain(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  const { code, message, port } = error as NodeJS.ErrnoException & { port?: number };
  if (code === 'EADDRINUSE') return `port ${port} is taken; choose another one with PORTICO_PORT`;
  if (code === 'EACCES') return `port ${port} may not be opened by this user; choose one above 1023 with PORTICO_PORT`;
  return error instanceof Error ? (error.stack ?? message) : String(error);
}
