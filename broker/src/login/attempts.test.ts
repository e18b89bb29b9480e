import { afterAll, expect, test } from 'vitest';
import type { TraceId } from '../core/ids.ts';
import { openStore } from '../store/open-store.ts';
import { parseKeyring } from '../vault/keyring.ts';
import { createVault } from '../vault/vault.ts';
import { createAttempts, keptSuccessesPerSecond } from './attempts.ts';

const parsed = parseKeyring(`k1:${Buffer.from([...Array(32).keys()]).toString('base64')}`);
if (!('keyring' in parsed)) throw new Error('a bad keyring');
const vault = createVault(parsed);
const store = await openStore({ url: 'sqlite::memory:' });
afterAll(() => store.close());

const start = new Date('2030-01-02T03:04:05.000Z');
let now = start;
const attempts = createAttempts({ store, vault, clock: { now: () => now }, retentionHours: 2 });
const run = { source: 'function f() {}' };
const trace = { lines: [{ step: 'script.run', atMs: 1, fields: {} }], runs: [() => run] };
const end = (id: string) => ({ traceId: id as TraceId, trace });

test('in a rush the first successes of each second are kept, and every failure', async () => {
  const many = Array.from({ length: keptSuccessesPerSecond + 3 }, (_, index) => attempts.record(end(`s${index}`)));
  expect(many.flat()).toHaveLength(keptSuccessesPerSecond);
  const failures = many.map((_, index) => attempts.record({ ...end(`f${index}`), failure: { error: 'x' } }));
  expect(failures.flat()).toHaveLength(many.length);
  now = new Date(start.getTime() + 1000);
  expect(attempts.record(end('later'))).toHaveLength(1);
});

test('what is kept opens again, without the secrets of the sign-in', async () => {
  const traceId = 'kept' as TraceId;
  const failure = { error: 'invalid_request', detail: 'said code-0123456789 twice' };
  await store.writeAll(attempts.record({ traceId, trace, failure, secrets: ['code-0123456789', undefined] }));
  const stored = await store.attempts.find(traceId);
  expect(stored?.expiresAt).toEqual(new Date(now.getTime() + 7_200_000));
  expect(stored && vault.openAttempt(stored)).toMatchObject({
    isFailed: true,
    runs: [run],
    failure: { detail: 'said [hidden] twice' },
  });
});

test('the record of a run that is not kept is not even made', () => {
  now = new Date(now.getTime() + 10_000);
  let made = 0;
  const counting = { ...trace, runs: [() => ({ ...run, count: ++made })] };
  for (let index = 0; index < keptSuccessesPerSecond * 3; index += 1) {
    attempts.record({ traceId: `c${index}` as TraceId, trace: counting });
  }
  expect(made).toBe(keptSuccessesPerSecond);
});

test('both halves around a redirect of a script are kept in a rush too, unless nothing ran', () => {
  const many = Array.from({ length: keptSuccessesPerSecond + 3 }, (_, index) => `r${index}`);
  const kept = many.flatMap((id) => [
    ...attempts.record({ ...end(id), road: 'sent-away' }),
    ...attempts.record({ ...end(id), road: 'returned' }),
  ]);
  expect(kept).toHaveLength(many.length * 2);
  expect(attempts.record({ traceId: 'no-run' as TraceId, road: 'returned', trace: { ...trace, runs: [] } })).toEqual(
    [],
  );
});

test('a sign-in that succeeded without a script writes nothing', () => {
  expect(attempts.record({ traceId: 'plain' as TraceId, trace: { lines: trace.lines, runs: [] } })).toEqual([]);
});
