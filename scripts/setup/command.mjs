import { lstatSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { join, sep } from 'node:path';
import { root } from './progress.mjs';

const link = join(root, 'node_modules', '.bin', 'portico');
const target = join('..', '..', 'broker', 'bin', 'portico.mjs');

/** `npx portico` in the checkout. npm links it too, but looks no more once the packages are there. */
export function linkCommand() {
  // npm's command files do it on Windows.
  if (sep === '\\') return;
  const found = lstatSync(link, { throwIfNoEntry: false });
  if (found?.isSymbolicLink() && readlinkSync(link) === target) return;
  rmSync(link, { force: true });
  symlinkSync(target, link);
}
