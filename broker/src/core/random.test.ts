import { expect, test } from 'vitest';
import { systemRandom } from './random.ts';

test('a token is its prefix and 256 bits of base64url; a thousand of them are all different', () => {
  const tokens = Array.from({ length: 1000 }, () => systemRandom.token('ac_'));
  for (const token of tokens) expect(token).toMatch(/^ac_[A-Za-z0-9_-]{43}$/);
  expect(new Set(tokens).size).toBe(1000);
});

test('an id is its prefix and 16 letters and digits; a thousand of them are all different', () => {
  const ids = Array.from({ length: 1000 }, () => systemRandom.id('con_'));
  for (const id of ids) expect(id).toMatch(/^con_[A-Za-z0-9]{16}$/);
  expect(new Set(ids).size).toBe(1000);
});

test('no bytes are handed out twice, whatever is asked for in between', () => {
  const chunks = Array.from({ length: 2000 }, (_, index) => {
    if (index % 3 === 0) systemRandom.id('');
    return Buffer.from(systemRandom.token(''), 'base64url').toString('hex');
  });
  const halves = chunks.flatMap((chunk) => [chunk.slice(0, 32), chunk.slice(32)]);
  expect(new Set(halves).size).toBe(halves.length);
});

test('every letter of the alphabet is as likely as any other', () => {
  const counts = new Map<string, number>();
  for (let made = 0; made < 20_000; made += 1) {
    for (const letter of systemRandom.id('')) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  }
  expect(counts.size).toBe(62);
  // 320,000 letters: 5161 of each on average, with a standard deviation of 71. Ten of them are no accident.
  for (const [letter, count] of counts) expect(Math.abs(count - 5161), letter).toBeLessThan(710);
});
