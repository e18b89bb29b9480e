import type { LogEvent } from '../core/log-event.ts';
import type { OnError } from './backend.ts';
import type { Store, Write } from './store.ts';

/** The log as the database has it. */
export type StoredLogs = Omit<Store['logs'], 'queue'> & {
  /** Many in one statement. Survives the end of the process, not a loss of power. */
  createAll(events: readonly LogEvent[]): Write<void>;
};

export type QueuedLogs = {
  readonly logs: Store['logs'];
  /** Resolves once everything that was queued before is written. */
  flush(): Promise<void>;
};

const rowsAtOnce = 200;
const pauseMs = 200;
/** A database that cannot follow does not take the broker's memory with it. */
const maxWaiting = 10_000;

/** Tokens are issued more often than a disk can be waited for: their lines are collected and written together. */
export function queueLogs(
  { createAll, ...stored }: StoredLogs,
  deps: { readonly send: (write: Write<void>) => Promise<unknown>; readonly onError: OnError },
): QueuedLogs {
  let waiting: LogEvent[] = [];
  let lost = 0;
  let timer: NodeJS.Timeout | undefined;
  let sending: Promise<void> | undefined;

  const sendAll = async (): Promise<void> => {
    while (waiting.length > 0) {
      const events = waiting.slice(0, rowsAtOnce);
      waiting = waiting.slice(rowsAtOnce);
      try {
        await deps.send(createAll(events));
      } catch (cause) {
        lost += events.length;
        deps.onError(new Error('events of the log could not be written', { cause }));
      }
    }
    if (lost > 0) deps.onError(new Error(`${lost} events of the log were lost`));
    lost = 0;
  };

  const flush = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    if (waiting.length === 0) return sending;
    sending ??= sendAll().finally(() => {
      sending = undefined;
    });
    return sending;
  };

  /** Whoever reads the log sees what this broker has already said. */
  const afterFlush =
    <Given extends readonly unknown[], Result>(read: (...given: Given) => Promise<Result>) =>
    async (...given: Given): Promise<Result> => {
      await flush();
      return read(...given);
    };

  return {
    flush,
    logs: {
      create: stored.create,
      queue(event) {
        if (waiting.length >= maxWaiting) {
          lost += 1;
          return;
        }
        waiting.push(event);
        if (waiting.length >= rowsAtOnce) void flush();
        else timer ??= setTimeout(flush, pauseMs).unref();
      },
      find: afterFlush(stored.find),
      listByTrace: afterFlush(stored.listByTrace),
      list: afterFlush(stored.list),
      search: afterFlush(stored.search),
      listAfter: afterFlush(stored.listAfter),
    },
  };
}
