/*
 * The same numbers for the same seed on every machine: a request that failed can be made again.
 */

export type Seeded = {
  /** A whole number from 0 up to, not including, `end`. */
  below(end: number): number;
  pick<T>(items: readonly T[]): T;
};

/** A linear congruential generator modulo 2^32 ; the upper bits are used, the lower ones cycle. */
export function createSeeded(seed: number): Seeded {
  let state = seed >>> 0;
  const below = (end: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * end);
  };
  return {
    below,
    pick(items) {
      const item = items[below(items.length)];
      if (item === undefined) throw new Error('nothing to pick from');
      return item;
    },
  };
}
