import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { capture } from './child.mjs';
import { isDebian } from './chromium.mjs';
import { note } from './progress.mjs';

const isOnPath = () => (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'bwrap')));

/** One more form of the script hosts' walls to test. Without it the others are tested; nothing fails for want of it. */
export async function bringBubblewrap() {
  if (process.getuid?.() !== 0 || !isDebian() || isOnPath()) return;
  note('bubblewrap', 'installing with apt-get …');
  const quick = ['-o', 'DPkg::Lock::Timeout=60', '-o', 'Acquire::Retries=0', '-o', 'Acquire::http::Timeout=15'];
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, timeout: 120_000 };
  const install = ['install', '--yes', '--no-install-recommends', 'bubblewrap'];
  const { code: first } = await capture('apt-get', [...quick, ...install], options);
  if (first !== 0) {
    await capture('apt-get', [...quick, 'update'], options);
    await capture('apt-get', [...quick, ...install], options);
  }
  note('bubblewrap', isOnPath() ? 'ready' : 'not to be had; its form of the walls is not tested');
}
