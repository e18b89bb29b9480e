import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

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
