import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { titleOf } from '../core/module.ts';
import type { Wanted } from './read-specifier.ts';

export type InstallDeps = {
  /** What npm may know: registry, proxy, home. None of Portico's settings. */
  readonly npmEnvironment: Readonly<Record<string, string | undefined>>;
};

/**
 * A dependency in a git repository could name its own program for git, which npm runs all the same: there is no git. The
 * second flag says so in npm's words, where it knows them.
 */
const withoutScripts = ['--ignore-scripts', '--git=git-is-not-used', '--allow-git=none'];
const timeoutMs = 120_000;
const maxOutputBytes = 10 * 1024 * 1024;
const shownLines = 6;

/** Installs one package and what it depends on into `workplace`, without running a script of any of them. */
export function installPackage(
  { npmEnvironment }: InstallDeps,
  wanted: Wanted,
  workplace: string,
): Promise<string | { readonly problem: string }> {
  writeFileSync(join(workplace, 'package.json'), '{"private":true}\n');
  const words = ['install', titleOf(wanted), ...withoutScripts, '--no-audit', '--no-fund', '--loglevel=error'];
  const options = { cwd: workplace, env: npmEnvironment, timeout: timeoutMs, maxBuffer: maxOutputBytes };
  return new Promise((resolve) => {
    execFile('npm', words, options, (error, _output, told) =>
      resolve(error === null ? workplace : explain(error, told)),
    );
  });

  function explain(error: Error & { readonly code?: unknown; readonly killed?: boolean }, told: string) {
    if (error.code === 'ENOENT') {
      return { problem: 'npm was not found: install it, or give the folder of the package with --from' };
    }
    const lines = told.split('\n').filter((line) => line.trim() !== '' && !line.includes('complete log'));
    const reason = error.killed === true ? 'it took too long' : lines.slice(0, shownLines).join('\n  ');
    return { problem: `npm could not get ${titleOf(wanted)}:\n  ${reason}` };
  }
}
