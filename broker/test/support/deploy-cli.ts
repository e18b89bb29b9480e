import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import type { ContractWorld } from './contract.ts';
import { adminSecret } from './management.ts';

/* `a0deploy` as npm delivers it, in a process of its own, on an administrator's application. */

const entry = createRequire(import.meta.url).resolve('auth0-deploy-cli');

export type DeployRun = { readonly code: number; readonly output: string };

export type DeployCommand = readonly ['import' | 'export', ...string[]];

/** `settings`: the tool's own, as it reads them from its environment. A file of settings brings its own application. */
export const a0deploy = (
  world: ContractWorld,
  command: DeployCommand,
  settings: Readonly<Record<string, string>> = {},
): Promise<DeployRun> =>
  new Promise((resolve) => {
    const administrator = {
      AUTH0_DOMAIN: world.domain,
      AUTH0_CLIENT_ID: 'admin',
      AUTH0_CLIENT_SECRET: adminSecret,
    };
    const env = {
      PATH: process.env.PATH,
      NODE_EXTRA_CA_CERTS: world.authorityFile,
      // The tool keeps its process busy for many seconds at once: a quarter of one is too little for each address of a host.
      NODE_OPTIONS: '--network-family-autoselection-attempt-timeout=10000',
      AUTH0_API_MAX_RETRIES: '1',
      ...(command.includes('-c') ? {} : administrator),
      ...settings,
    };
    execFile(process.execPath, [entry, ...command], { env, cwd: tmpdir() }, (error, output, errors) => {
      const code = typeof error?.code === 'number' ? error.code : error === null ? 0 : 1;
      resolve({ code, output: output + errors });
    });
  });
