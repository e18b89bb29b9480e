import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { capture } from './child.mjs';
import { root, SetupError, step } from './progress.mjs';

const names = ['chromium', 'google-chrome', 'google-chrome-stable', 'chrome'];
const elsewhere = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

const onPath = () =>
  (process.env.PATH ?? '').split(delimiter).flatMap((directory) => names.map((name) => join(directory, name)));

/** Where Playwright keeps the browser it would install; the file need not exist. */
async function playwrightPath(node) {
  const { stdout } = await capture(node, ['-p', 'require("playwright-core").chromium.executablePath()']);
  return stdout.trim();
}

async function find(node) {
  return [...onPath(), ...elsewhere, await playwrightPath(node)].find((path) => path !== '' && existsSync(path));
}

export function isDebian() {
  // Not Ubuntu: its chromium package is a pointer to a snap, which does not run in containers.
  return existsSync('/etc/os-release') && /^ID="?debian"?$/m.test(readFileSync('/etc/os-release', 'utf8'));
}

async function run(program, args) {
  const { code, output } = await capture(program, args, { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
  if (code === 0) return;
  const lastLines = output.trim().split('\n').slice(-12).join('\n');
  throw new SetupError(
    `${program} ${args.join(' ')} failed. The browser tests need a Chromium: install one yourself, or name it in PORTICO_CHROMIUM.\n\n${lastLines}`,
  );
}

const installWithApt = () =>
  step('chromium', 'installing with apt-get', async () => {
    const wait = ['-o', 'DPkg::Lock::Timeout=300'];
    await run('apt-get', [...wait, 'update']);
    await run('apt-get', [...wait, 'install', '--yes', '--no-install-recommends', 'chromium']);
  });

const installWithPlaywright = (node, isRoot) =>
  step('chromium', 'downloading with playwright-core', () =>
    run(node, [
      join(root, 'node_modules', 'playwright-core', 'cli.js'),
      'install',
      // System libraries need root; without it they must be there already.
      ...(isRoot && process.platform === 'linux' ? ['--with-deps'] : []),
      'chromium',
    ]),
  );

/** The path of a Chromium for the browser tests. */
export async function bringChromium(node) {
  const named = process.env.PORTICO_CHROMIUM;
  if (named && existsSync(named)) return named;
  if (named) throw new SetupError(`PORTICO_CHROMIUM names ${named}, which does not exist.`);
  const present = await find(node);
  if (present) return present;
  const isRoot = process.getuid?.() === 0;
  await (isRoot && isDebian() ? installWithApt() : installWithPlaywright(node, isRoot));
  const installed = await find(node);
  if (installed) return installed;
  throw new SetupError('Chromium was installed but not found. Name its path in PORTICO_CHROMIUM.');
}
