import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { HandleHash } from '../core/ids.ts';
import { openStore } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';
import { cleanUp } from './clean-up.ts';

const now = new Date('2026-03-01T12:00:00Z');
let store: Store;
let goes: number;
beforeEach(async () => {
  goes = 0;
  store = await openStore({ url: 'sqlite::memory:' });
  const spend = () => store.spentProofs.spend(randomUUID() as HandleHash, now);
  await store.writeAll(Array.from({ length: 12 }, spend));
});
afterEach(() => store.close());

const purge = (rows: number) => {
  goes += 1;
  return store.purgeExpired(now, rows);
};

test('everything that is past its time goes, however much there is', async () => {
  await cleanUp({ purge, isStopping: () => false }, 5);
  expect(goes).toBe(3);
  expect(await store.purgeExpired(now, 100)).toBe(0);
});

test('a broker that stops does not wait for it', async () => {
  await cleanUp({ purge, isStopping: () => goes === 1 }, 5);
  expect(await store.purgeExpired(now, 100)).toBe(7);
});
