import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { runCommandLine } from '../../src/cli/command-line.ts';
import type { CliDeps } from '../../src/cli/deps.ts';
import { readConfig, readScriptSettings } from '../../src/config.ts';
import { systemClock } from '../../src/core/clock.ts';

const entry = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

export type CommandResult = { readonly code: number; readonly output: string; readonly errors: string };

/** The `portico` command as people run it: a process of its own with nothing but this environment. */
export const portico = (
  environment: Readonly<Record<string, string>>,
  ...words: readonly string[]
): Promise<CommandResult> =>
  new Promise((resolve) => {
    const env = { PATH: process.env.PATH, ...environment };
    execFile(process.execPath, [entry, ...words], { env }, (error, output, errors) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : 1, output, errors });
    });
  });

/** The same command in this process: for tests that give many of them. */
export async function porticoHere(
  environment: Readonly<Record<string, string>>,
  ...words: readonly string[]
): Promise<CommandResult> {
  const told = { output: '', errors: '' };
  const deps: CliDeps = {
    start: () => Promise.reject(new Error('a test starts its broker itself')),
    readStoreSettings: () => readConfig(environment, { createsKeys: false }),
    prepareStoreSettings: () => readConfig(environment),
    readScriptSettings: () => readScriptSettings(environment),
    npmEnvironment: { PATH: process.env.PATH, ...environment },
    write: (text) => {
      told.output += text;
    },
    writeError: (text) => {
      told.errors += text;
    },
    clock: systemClock,
  };
  const code = await runCommandLine(deps, words);
  return { code, ...told };
}
