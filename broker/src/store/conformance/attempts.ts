import { expect, test } from 'vitest';
import type { ClientId, ConnectionId, UserId } from '../../core/ids.ts';
import { later, now, sampleAttempt, sealed } from './samples.ts';
import type { Subject } from './subject.ts';

export function attemptTests(subject: Subject): void {
  test('an attempt is found by its trace id, whole', async () => {
    const { store } = subject;
    const bare = sampleAttempt();
    const full = sampleAttempt({
      clientId: 'web' as ClientId,
      connectionId: 'con_1' as ConnectionId,
      userId: 'oauth2|one|1' as UserId,
      isFailed: false,
    });
    await store.writeAll([store.attempts.put(bare), store.attempts.put(full)]);
    expect(await store.attempts.find(bare.traceId)).toEqual(bare);
    expect(await store.attempts.find(full.traceId)).toEqual(full);
    expect(await store.attempts.find('unknown')).toBeUndefined();
  });

  test('an attempt that goes on takes the place of its first half', async () => {
    const { store } = subject;
    const first = sampleAttempt();
    const second = { ...first, at: later(5), isFailed: false, sealedRecord: sealed(9) };
    await store.write(store.attempts.put(first));
    await store.write(store.attempts.put(second));
    expect(await store.attempts.find(first.traceId)).toEqual(second);
  });

  test('attempts are listed newest first, all or the failed ones, at most so many', async () => {
    const { store } = subject;
    const [old, middle, young] = [
      sampleAttempt({ at: later(100) }),
      sampleAttempt({ at: later(200), isFailed: false }),
      sampleAttempt({ at: later(300) }),
    ];
    await store.writeAll([old, young, middle].map((attempt) => store.attempts.put(attempt)));
    expect(await store.attempts.list(3)).toEqual([young, middle, old]);
    expect(await store.attempts.list(1)).toEqual([young]);
    expect(await store.attempts.listFailed(2)).toEqual([young, old]);
  });

  test('an attempt is purged when its time has passed, and not before', async () => {
    const { store } = subject;
    const attempt = sampleAttempt({ expiresAt: now });
    await store.write(store.attempts.put(attempt));
    await store.purgeExpired(later(-1), 1000);
    expect(await store.attempts.find(attempt.traceId)).toEqual(attempt);
    await store.purgeExpired(now, 1000);
    expect(await store.attempts.find(attempt.traceId)).toBeUndefined();
  });
}
