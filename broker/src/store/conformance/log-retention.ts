import { expect, test } from 'vitest';
import { later, now, sampleLogEvent } from './samples.ts';
import type { Subject } from './subject.ts';

export function logRetentionTests(subject: Subject): void {
  test('a purge removes log events from before a time, the oldest first and at most so many, and no others', async () => {
    const { store } = subject;
    await store.purgeExpired(now, 1000, later(100_000_000));
    expect(await store.logs.list(10)).toEqual([]);
    const old = Array.from({ length: 5 }, (_, index) => sampleLogEvent({ at: later(index) }));
    const kept = sampleLogEvent({ at: later(5) });
    for (const event of [...old, kept]) await store.write(store.logs.create(event));
    expect(await store.purgeExpired(now, 1000)).toBe(0);
    expect(await store.purgeExpired(now, 3, later(5))).toBe(3);
    expect((await store.logs.list(10)).map(({ id }) => id)).toEqual([kept, old[4], old[3]].map((event) => event?.id));
    expect(await store.purgeExpired(now, 3, later(5))).toBe(2);
    expect(await store.purgeExpired(now, 3, later(5))).toBe(0);
    expect(await store.logs.list(10)).toEqual([kept]);
  });
}
