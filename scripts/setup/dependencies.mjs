import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { npm } from './child.mjs';
import { root, step } from './progress.mjs';

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(join(root, file), 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/**
 * npm writes node_modules/.package-lock.json at the very end of an install: the record of what is there. Comparing it
 * with the lock file needs no mark of our own and also holds after an install by hand or one that was broken off.
 */
function isInstalled(needsDevelopment) {
  const wanted = readPackages('package-lock.json');
  const present = readPackages(join('node_modules', '.package-lock.json'));
  if (!wanted || !present) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    // Links to the workspaces and packages for other platforms.
    if (!path.includes('node_modules/') || entry.link || (entry.optional && !present[path])) return true;
    if (entry.dev && !needsDevelopment) return true;
    return present[path]?.version === entry.version && present[path]?.integrity === entry.integrity;
  });
}

/** What runs is a tenth of what the tests and benchmarks bring along: Auth0's libraries, browsers' frameworks, peers. */
export async function bringDependencies({ needsDevelopment }) {
  if (isInstalled(needsDevelopment)) return;
  // NODE_ENV=production must not cost us the development dependencies.
  const development = needsDevelopment ? '--include=dev' : '--omit=dev';
  await step('dependencies', 'installing from package-lock.json', () => npm(['ci', development, '--include=optional']));
}
