import { expect, test } from 'vitest';
import { paceOf, remainingOf, takeToken } from './rate.ts';

const pace = paceOf({ burst: 3, perSecond: 10 });

test('a burst is allowed at once, then as many as come back', () => {
  let fullAt: number | undefined;
  const take = (now: number) => {
    const next = takeToken(fullAt, pace, now);
    fullAt = next ?? fullAt;
    return next !== undefined;
  };
  expect([take(0), take(0), take(0), take(0)]).toEqual([true, true, true, false]);
  expect([take(99), take(100), take(100), take(200)]).toEqual([false, true, false, true]);
  expect([take(10_000), take(10_000), take(10_000), take(10_000)]).toEqual([true, true, true, false]);
});

test('what is left is told for any moment', () => {
  const fullAt = takeToken(undefined, pace, 1000) ?? 0;
  expect([remainingOf(fullAt, pace, 1000), remainingOf(fullAt, pace, 1099), remainingOf(fullAt, pace, 1100)]).toEqual([
    2, 2, 3,
  ]);
});

test('a rate faster than the clock is one request a millisecond', () => {
  expect(paceOf({ burst: 5, perSecond: 5_000 })).toEqual({ intervalMs: 1, capacityMs: 5 });
});
