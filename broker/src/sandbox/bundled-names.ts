import { join } from 'node:path';
import { createBundledModules } from './host/bundled-modules.mjs';

/** Answers whether every script may require a module of this name. */
export function createIsBundled(): (name: string) => boolean {
  const modules = createBundledModules(join(import.meta.dirname, 'dist'));
  return (name) => 'name' in JSON.parse(modules.resolve(name));
}
