import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { note, root } from './progress.mjs';

const lockFile = join(root, '.portico', 'setup.lock');

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function readHolder(file) {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** The file appears whole or not at all: it is written aside and linked into place. */
function tryTake() {
  const mine = `${lockFile}.${process.pid}`;
  writeFileSync(mine, String(process.pid));
  try {
    linkSync(mine, lockFile);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(mine, { force: true });
  }
}

/** Moves away the lock of a process that died; a lock that came into being meanwhile is put back. */
function clearDead() {
  const aside = `${lockFile}.dead.${process.pid}`;
  try {
    renameSync(lockFile, aside);
    if (isAlive(readHolder(aside))) linkSync(aside, lockFile);
  } catch {
    // Another process was faster; the next round sees what it left.
  } finally {
    rmSync(aside, { force: true });
  }
}

/** Two commands started together set up one after the other; the second finds the work done. */
export async function underLock(work) {
  mkdirSync(join(root, '.portico'), { recursive: true, mode: 0o700 });
  let toldAbout;
  while (!tryTake()) {
    const holder = readHolder(lockFile);
    if (holder !== undefined && !isAlive(holder)) clearDead();
    else if (holder !== undefined && toldAbout !== holder) {
      note('set-up', `waiting for another command (process ${holder}) to finish its set-up …`);
      toldAbout = holder;
    }
    await sleep(200);
  }
  const release = () => rmSync(lockFile, { force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    process.off('exit', release);
    release();
  }
}
