import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashModule, type StoredModule, titleOf } from '../core/module.ts';
import { bundlePackage } from './bundle-package.ts';
import { findPackage } from './find-package.ts';
import { type InstallDeps, installPackage } from './install-package.ts';
import type { Wanted } from './read-specifier.ts';

/*
 * modules/: makes npm packages into modules for scripts.
 *
 * A package is got by npm without running any of its scripts, or found in a folder, and becomes one text of CommonJS for
 * the sandbox. Nothing of it is run here. What cannot run there is refused.
 */

export type ModuleDeps = InstallDeps & {
  /** Whether every script may require a module of this name, such as `crypto`. */
  readonly isBundled: (name: string) => boolean;
};

export type MadeModule = {
  readonly module: Omit<StoredModule, 'addedAt'>;
  /** Modules of Node.js that it names and scripts do not have: requiring one fails. */
  readonly missing: readonly string[];
};

/** `folder`: where the package lies, itself or below node_modules; without, npm gets it. Problems are for people to read. */
export async function makeModule(
  deps: ModuleDeps,
  wanted: Wanted,
  folder: string | undefined,
): Promise<MadeModule | { readonly problem: string }> {
  const workplace = mkdtempSync(join(tmpdir(), 'portico-module-'));
  try {
    const installed = folder ?? (await installPackage(deps, wanted, workplace));
    if (typeof installed === 'object') return installed;
    const found = findPackage(wanted, installed);
    if ('problem' in found) return found;
    const bundled = await bundlePackage(found, { workplace, isBundled: deps.isBundled });
    if ('problem' in bundled) return { problem: `${titleOf(found)} ${bundled.problem}` };
    const { text, missing } = bundled;
    const { name, version, integrity } = found;
    return { module: { name, version, integrity, text, hash: hashModule(text) }, missing };
  } finally {
    rmSync(workplace, { recursive: true, force: true });
  }
}
