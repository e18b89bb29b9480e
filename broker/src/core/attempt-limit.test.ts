import { expect, test } from 'vitest';
import { attemptKeyOf, createAttemptLimit } from './attempt-limit.ts';

test('a key that fails too often is stopped until its window ends, and no other key', () => {
  let now = 0;
  const limit = createAttemptLimit({ clock: { now: () => new Date(now) }, max: 3, windowSeconds: 60 });
  for (let count = 0; count < 3; count += 1) {
    expect(limit.isReached('a')).toBe(false);
    limit.countFailure('a');
  }
  expect([limit.isReached('a'), limit.isReached('b')]).toEqual([true, false]);
  expect([limit.waitSeconds('a'), limit.waitSeconds('b')]).toEqual([60, 0]);
  now = 59_999;
  expect([limit.isReached('a'), limit.waitSeconds('a')]).toEqual([true, 1]);
  now = 60_000;
  expect([limit.isReached('a'), limit.waitSeconds('a')]).toEqual([false, 0]);
});

test('of many keys those that failed longest ago are forgotten', () => {
  const limit = createAttemptLimit({ clock: { now: () => new Date(0) }, max: 1, windowSeconds: 60 });
  for (let key = 0; key <= 10_000; key += 1) limit.countFailure(String(key));
  expect([limit.isReached('0'), limit.isReached('1'), limit.isReached('10000')]).toEqual([false, true, true]);
});

test('an IPv4 address counts by itself, an IPv6 one by its /64', () => {
  expect(attemptKeyOf('192.0.2.7')).toBe('192.0.2.7');
  expect(attemptKeyOf('::ffff:192.0.2.7')).toBe('::ffff:192.0.2.7');
  expect(attemptKeyOf('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2');
  expect(attemptKeyOf('2001:db8:1:2::9')).toBe('2001:db8:1:2');
  expect(attemptKeyOf('2001:db8::9')).toBe('2001:db8:0:0');
  expect(attemptKeyOf('::1')).toBe('0:0:0:0');
});
