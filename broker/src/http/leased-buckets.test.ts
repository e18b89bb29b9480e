import { describe, expect, test } from 'vitest';
import { paceOf } from '../core/rate.ts';
import { createLeasedBuckets } from './leased-buckets.ts';
import { createMemoryBuckets } from './rate-limit.ts';

/** A database that several brokers ask, and how often it was asked. */
function createShared() {
  const memory = createMemoryBuckets();
  const shared = {
    asked: 0,
    async take(...args: Parameters<typeof memory>) {
      shared.asked += 1;
      await new Promise((resolve) => setImmediate(resolve));
      return memory(...args);
    },
  };
  return shared;
}
const at = (ms: number) => new Date(1_000_000 + ms);
const pace = paceOf({ perSecond: 100, burst: 300 });
const granted = (answers: readonly (number | undefined)[]) => answers.filter((answer) => answer !== undefined).length;

describe('tokens that are taken in lots', () => {
  test.each([1, 3])('are as many as there are and no more, for %i brokers at once', async (brokers) => {
    const shared = createShared();
    const all = Array.from({ length: brokers }, () => createLeasedBuckets(shared.take));
    const ask = (ms: number) =>
      Promise.all(all.flatMap((take) => Array.from({ length: 400 }, () => take('a', pace, at(ms)))));
    expect(granted(await ask(0))).toBe(300);
    expect(granted(await ask(0))).toBe(0);
    // Fifty came back.
    expect(granted(await ask(500))).toBe(50);
  });

  test('cost a question for thirty requests, and one at most while there are none', async () => {
    const shared = createShared();
    const take = createLeasedBuckets(shared.take);
    for (let count = 0; count < 300; count += 1) expect(await take('a', pace, at(0))).toBeDefined();
    expect(shared.asked).toBe(10);
    for (let count = 0; count < 300; count += 1) expect(await take('a', pace, at(0))).toBeUndefined();
    expect(shared.asked).toBeLessThan(13);
  });

  test('tell what is left as if each had been taken by itself', async () => {
    const [leased, single] = [createLeasedBuckets(createShared().take), createMemoryBuckets()];
    for (let count = 0; count < 320; count += 1) {
      expect(await leased('a', pace, at(count))).toBe(await single('a', pace, at(count)));
    }
  });

  test('of a small bucket are taken one by one', async () => {
    const shared = createShared();
    const take = createLeasedBuckets(shared.take);
    const small = paceOf({ perSecond: 1, burst: 3 });
    const other = createLeasedBuckets(shared.take);
    const answers = [await take('a', small, at(0)), await other('a', small, at(0)), await take('a', small, at(0))];
    expect(granted(answers)).toBe(3);
    expect(await other('a', small, at(0))).toBeUndefined();
    expect(await other('a', small, at(1000))).toBeDefined();
  });

  test('that a broker keeps unspent are lost once the bucket is full again', async () => {
    const shared = createShared();
    const [idle, busy] = [createLeasedBuckets(shared.take), createLeasedBuckets(shared.take)];
    await idle('a', pace, at(0));
    const later = at(3_000);
    const all = await Promise.all(
      [idle, busy].flatMap((take) => Array.from({ length: 400 }, () => take('a', pace, later))),
    );
    expect(granted(all)).toBe(300);
  });

  test('cannot be had while the database is away, and can as soon as it is back', async () => {
    const shared = createShared();
    let isAway = true;
    const take = createLeasedBuckets((...args) => (isAway ? Promise.reject(new Error('away')) : shared.take(...args)));
    await expect(take('a', pace, at(0))).rejects.toThrow('away');
    isAway = false;
    expect(await take('a', pace, at(0))).toBeDefined();
  });
});
