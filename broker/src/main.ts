#!/usr/bin/env node
import { readConfig, readScriptSettings } from './config.ts';
import { systemClock } from './core/clock.ts';
import { ConfigError } from './core/errors.ts';

/**
 * `portico` or `portico start`: starts the broker from the environment. Exit code 1 with every problem listed when it
 * cannot. Any other word is a command of cli/.
 */
async function main(): Promise<void> {
  const environment = { ...process.env };
  // Children and crash reports must not carry it.
  delete process.env.PORTICO_SEALING_KEYS;
  delete process.env.PORTICO_METRICS_TOKEN;
  const words = process.argv.slice(2);
  if (words.length === 0) return start(environment);
  const { runCommandLine } = await import('./cli/command-line.ts');
  process.exitCode = await runCommandLine(
    {
      start: () => start(environment),
      readStoreSettings: () => readConfig(environment, { createsKeys: false }),
      prepareStoreSettings: () => readConfig(environment),
      readScriptSettings: () => readScriptSettings(environment),
      npmEnvironment: Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('PORTICO_'))),
      write: (text) => void process.stdout.write(text),
      writeError: (text) => void process.stderr.write(text),
      clock: systemClock,
    },
    words,
  );
}

async function start(environment: NodeJS.ProcessEnv): Promise<void> {
  const config = readConfig(environment);
  const { startServer } = await import('./server.ts');
  // Listened for, Node.js does not answer it by opening its debugger.
  process.on('SIGUSR1', () => undefined);
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
