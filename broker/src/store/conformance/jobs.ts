import { expect, test } from 'vitest';
import type { Job } from '../../core/job.ts';
import { later, now } from './samples.ts';
import type { Subject } from './subject.ts';

let count = 0;
const sampleJob = (more: Partial<Job> = {}): Job => {
  count += 1;
  return {
    id: `job_${count}`,
    type: 'users_export',
    status: 'pending',
    connectionId: undefined,
    createdAt: now,
    updatedAt: now,
    details: { format: 'json' },
    expiresAt: later(86_400),
    ...more,
  };
};

export function jobTests(subject: Subject): void {
  const claim = (at: Date, staleBefore = now) => {
    const { store } = subject;
    return store.write(store.jobs.claim({ now: at, staleBefore }));
  };

  test('a job is one caller’s at a time, the oldest first; one that does not move is free again', async () => {
    const { store } = subject;
    const [second, first] = [sampleJob({ createdAt: later(1) }), sampleJob()];
    await store.writeAll([store.jobs.create(second), store.jobs.create(first)]);
    const claims = await Promise.all(Array.from({ length: 8 }, () => claim(later(10))));
    // Who comes too late for one job may have to ask again for the other.
    claims.push(await claim(later(10)));
    const taken = claims.flatMap((job) => (job === undefined ? [] : [job.id]));
    expect([...taken].sort()).toEqual([second.id, first.id].sort());
    expect(await claim(later(20))).toBeUndefined();
    const moving = { ...first, status: 'processing', updatedAt: later(70), details: { done: 5 } } as const;
    await store.write(store.jobs.update(moving));
    expect(await claim(later(80), later(60))).toMatchObject({ id: second.id });
    expect(await claim(later(90), later(60))).toBeUndefined();
    expect(await store.jobs.find(first.id)).toMatchObject(moving);
    for (const { id } of [first, second]) {
      await store.write(store.jobs.update({ id, status: 'completed', updatedAt: later(90), details: {} }));
    }
    expect(await claim(later(900), later(800))).toBeUndefined();
  });

  test('what belongs to a job is kept byte by byte, and goes with it', async () => {
    const { store } = subject;
    const job = sampleJob({ status: 'completed', expiresAt: later(-1) });
    const part = { jobId: job.id, kind: 'output', number: 0 } as const;
    await store.writeAll([
      store.jobs.create(job),
      store.jobs.putPart({ ...part, content: new Uint8Array([1]) }),
      store.jobs.putPart({ ...part, content: new Uint8Array([0, 255, 7]) }),
    ]);
    expect([...((await store.jobs.findPart(job.id, 'output', 0)) ?? [])]).toEqual([0, 255, 7]);
    expect(await store.jobs.findPart(job.id, 'errors', 0)).toBeUndefined();
    await store.purgeExpired(now, 1_000);
    expect(await store.jobs.find(job.id)).toBeUndefined();
    expect(await store.jobs.findPart(job.id, 'output', 0)).toBeUndefined();
  });
}
