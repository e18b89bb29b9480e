import { expect, test } from 'vitest';
import { addSeconds } from '../core/clock.ts';
import type { ActionId } from '../core/ids.ts';
import type { Json } from '../core/json.ts';
import { createActionCache } from './cache.ts';

const now = new Date('2026-03-01T12:00:00Z');
const [mine, other] = ['act_1' as ActionId, 'act_2' as ActionId];
const set = (...values: Json[]) => ({ name: 'cache.set', arguments: values });

test('an entry lives a quarter of an hour by default, a day at most, and ends when it says', () => {
  const cache = createActionCache();
  const endless = { ttl: 10 ** 12 };
  cache.write(mine, [set('default', 'a'), set('short', 'b', { ttl: 1_000 }), set('endless', 'c', endless)], now);
  const at = (seconds: number) => Object.keys(cache.read(mine, addSeconds(now, seconds)));
  expect(at(0)).toEqual(['default', 'short', 'endless']);
  expect(at(1)).toEqual(['default', 'endless']);
  expect(at(900)).toEqual(['endless']);
  expect(at(86_400)).toEqual([]);
  expect(cache.read(mine, now).default).toEqual({ value: 'a', expires_at: now.getTime() + 900_000 });
});

test('an Action sees its own entries only, and can delete them', () => {
  const cache = createActionCache();
  cache.write(mine, [set('key', 'a')], now);
  expect(cache.read(other, now)).toEqual({});
  cache.write(mine, [{ name: 'cache.delete', arguments: ['key'] }], now);
  expect(cache.read(mine, now)).toEqual({});
});

test('what is over a limit is refused, and what was there stays', () => {
  const cache = createActionCache();
  const many = Array.from({ length: 21 }, (_, index) => set(`key ${index}`, 'x'));
  expect(cache.write(mine, many, now)).toEqual(['cache.set']);
  expect(cache.write(mine, [set('key 0', 'changed')], now)).toEqual([]);
  expect(Object.keys(cache.read(mine, now))).toHaveLength(20);
  const large = 'ä'.repeat(2_000);
  expect(cache.write(other, [set('a', large), set('b', large), set('c', large)], now)).toEqual(['cache.set']);
  expect(cache.write(other, [set('k'.repeat(65), 'x'), set('d', 'ä'.repeat(2_049)), set('e', 7)], now)).toHaveLength(3);
});
