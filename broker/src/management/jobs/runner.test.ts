import { expect, test } from 'vitest';
import type { Job } from '../../core/job.ts';
import { openStore } from '../../store/open-store.ts';
import { createJobRunner, type Step } from './runner.ts';

const now = new Date('2026-01-02T03:04:05.000Z');
const clock = { now: () => now };

async function setUp(step: (job: Job) => Promise<Step>) {
  const store = await openStore({ url: 'sqlite::memory:' });
  const said: string[] = [];
  const job: Job = {
    id: 'job_1',
    type: 'users_export',
    status: 'pending',
    connectionId: undefined,
    createdAt: now,
    updatedAt: now,
    details: { count: 0 },
    expiresAt: new Date(now.getTime() + 86_400_000),
  };
  await store.write(store.jobs.create(job));
  const createRunner = () =>
    createJobRunner({
      store,
      clock,
      log: (_level, fields) => said.push(JSON.stringify(fields)),
      eventsOf: () => [],
      steps: { users_export: step, users_import: step },
    });
  return { store, said, createRunner, find: () => store.jobs.find(job.id) };
}

const untilTrue = async (isSo: () => Promise<boolean>) => {
  while (!(await isSo())) await new Promise((resolve) => setImmediate(resolve));
};

test('a job that was stopped in the middle goes on in another process, and no step is lost or done twice', async () => {
  const counts: number[] = [];
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const { createRunner, find } = await setUp(async ({ details }) => {
    const count = Number(details.count) + 1;
    counts.push(count);
    if (count === 3) await held;
    return { writes: [], details: { count }, isDone: count === 6 };
  });
  const first = createRunner();
  first.kick();
  await untilTrue(async () => counts.length === 3);
  const stopped = first.stop();
  letGo();
  await stopped;
  expect(await find()).toMatchObject({ status: 'pending', details: { count: 3 } });
  first.kick();
  const second = createRunner();
  second.kick();
  await untilTrue(async () => (await find())?.status === 'completed');
  await second.stop();
  expect(counts).toEqual([1, 2, 3, 4, 5, 6]);
});

test('a job that cannot be done fails with words for its owner, and the reason goes to the log alone', async () => {
  const { createRunner, find, said } = await setUp(async () => {
    throw new Error('the secret reason');
  });
  const runner = createRunner();
  runner.kick();
  await untilTrue(async () => (await find())?.status === 'failed');
  await runner.stop();
  expect(JSON.stringify(await find())).not.toContain('secret');
  expect(said.join()).toContain('the secret reason');
});
