import { expect, test } from 'vitest';
import type { TraceId, UserId } from '../../core/ids.ts';
import { openStore } from '../open-store.ts';
import { sampleLogEvent } from './samples.ts';
import type { Subject } from './subject.ts';

export function logQueueTests(subject: Subject): void {
  test('queued events of the log are there for the next reader, in their order and whole', async () => {
    const { store } = subject;
    const events = Array.from({ length: 450 }, (_, index) =>
      sampleLogEvent({
        type: index % 2 === 0 ? 'seccft' : 'sertft',
        userId: 'oauth2|a|1' as UserId,
        userName: 'Ada "L" \\ 💡',
        clientId: 'client',
        connectionId: 'con_1',
        description: index === 7 ? undefined : 'it\'s "quoted" \\u0000',
        details: { scope: "read:a'b", nested: { list: [1, null, 'x'] } },
      }),
    );
    for (const event of events) store.logs.queue(event);
    expect(await store.logs.list(450)).toEqual([...events].reverse());
    const [first] = events;
    expect(await store.logs.find(first?.id ?? '')).toEqual(first);
    expect(await store.logs.listAfter(first?.id, 2)).toEqual(events.slice(1, 3));
  });

  test('what no database can hold in a queued event becomes the replacement character, and takes no other event along', async () => {
    const { store } = subject;
    const odd = sampleLogEvent({ userAgent: 'NUL \0, half \ud800', userName: '\0', details: { text: '\0 \ud800' } });
    const next = sampleLogEvent();
    store.logs.queue(odd);
    store.logs.queue(next);
    expect(await store.logs.list(2)).toEqual([
      next,
      { ...odd, userAgent: 'NUL \uFFFD, half \uFFFD', userName: '\uFFFD' },
    ]);
  });

  test('closing the store writes what is queued', async () => {
    const other = await openStore({ url: subject.url });
    const event = sampleLogEvent({ type: 'seccft' });
    other.logs.queue(event);
    await other.close();
    expect(await subject.store.logs.find(event.id)).toEqual(event);
  });

  test('what nobody reads is written in a moment, too', async () => {
    const other = await openStore({ url: subject.url });
    const event = sampleLogEvent({ type: 'seccft' });
    other.logs.queue(event);
    await expect.poll(() => subject.store.logs.find(event.id)).toEqual(event);
    await other.close();
  });

  test('events that cannot be written are counted and reported, and the next ones are written', async () => {
    const errors: unknown[] = [];
    const other = await openStore({ url: subject.url, onError: (error) => errors.push(error) });
    const event = sampleLogEvent();
    other.logs.queue(event);
    other.logs.queue(event);
    await other.logs.list(1);
    expect(errors.map(String)).toContain('Error: 2 events of the log were lost');
    const next = sampleLogEvent();
    other.logs.queue(next);
    expect(await other.logs.list(1)).toEqual([next]);
    await other.close();
  });

  test('a queue that nobody empties has an end', async () => {
    const errors: unknown[] = [];
    const other = await openStore({ url: subject.url, onError: (error) => errors.push(error) });
    for (let index = 0; index < 10_500; index += 1) other.logs.queue(sampleLogEvent({ details: {} }));
    await other.close();
    expect(errors.map(String)).toEqual([expect.stringMatching(/^Error: \d+ events of the log were lost$/)]);
  });

  test('the events of a trace are all but those of tokens that were issued', async () => {
    const { store } = subject;
    const traceId = 'trace-of-tokens' as TraceId;
    const failure = sampleLogEvent({ traceId, type: 'feacft' });
    for (const type of ['seacft', 'sertft', 'seccft']) store.logs.queue(sampleLogEvent({ traceId, type }));
    store.logs.queue(failure);
    expect(await store.logs.listByTrace(traceId)).toEqual([failure]);
  });
}
