import { spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';

export type CheckResult = { readonly name: string; readonly isPassed: boolean };

const checks = [
  { name: 'types', program: 'tsc', args: ['--noEmit'] },
  { name: 'format and lint', program: 'biome', args: ['check', '--error-on-warnings'] },
];

/** Type check, then format and lint; the tools come from node_modules/.bin by way of PATH. */
export function runChecks(): CheckResult[] {
  return checks.map(({ name, program, args }) => {
    const { status, error } = spawnSync(program, args, { stdio: 'inherit', shell: process.platform === 'win32' });
    if (error) process.stderr.write(`${program} could not be started: ${error.message}\n`);
    process.stdout.write(`${status === 0 ? 'passed' : 'failed'}: ${name}\n`);
    return { name, isPassed: status === 0 };
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.exitCode = runChecks().every((check) => check.isPassed) ? 0 : 1;
}
