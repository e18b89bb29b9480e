import { spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';

export type CheckResult = { readonly name: string; readonly isPassed: boolean };

const checks = [
  // The browser's code knows a document, the server's must not.
  { name: 'types', commands: ['tsc --noEmit', 'tsc --project demo/src/app/browser'] },
  { name: 'format and lint', commands: ['biome check --error-on-warnings'] },
];

function isCommandPassed(command: string): boolean {
  const [program = '', ...args] = command.split(' ');
  const { status, error } = spawnSync(program, args, { stdio: 'inherit', shell: process.platform === 'win32' });
  if (error) process.stderr.write(`${program} could not be started: ${error.message}\n`);
  return status === 0;
}

/** Type check, then format and lint; the tools come from node_modules/.bin by way of PATH. */
export function runChecks(): CheckResult[] {
  return checks.map(({ name, commands }) => {
    const isPassed = commands.map(isCommandPassed).every(Boolean);
    process.stdout.write(`${isPassed ? 'passed' : 'failed'}: ${name}\n`);
    return { name, isPassed };
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.exitCode = runChecks().every((check) => check.isPassed) ? 0 : 1;
}
