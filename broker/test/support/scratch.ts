import { mkdtempSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const roomBytes = 2 * 1024 ** 3;

/** Linux's file system in memory, where there is one with room enough. */
function findMemory(): string | undefined {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm');
    return bavail * bsize >= roomBytes ? '/dev/shm' : undefined;
  } catch {
    return undefined;
  }
}

const place = findMemory() ?? tmpdir();

/**
 * A new directory for a broker's database and keys, which the caller removes. A test that does not cut the power has no
 * use for waiting for the disk, as PostgreSQL does not wait in tests either.
 */
export const makeScratchDirectory = (name: string): string => mkdtempSync(join(place, `portico-${name}-`));
