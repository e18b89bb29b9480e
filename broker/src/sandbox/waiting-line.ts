import type { HostProcess } from './host-process.ts';

/** Runs that wait for a host: first come, first served, and no more than fit. */
export type WaitingLine = {
  /** undefined: the line is full, or the wait was too long. */
  take(): Promise<HostProcess | undefined>;
  serve(): void;
  close(): void;
};

export type WaitingLineOptions = {
  lease(): HostProcess | undefined;
  readonly maxLength: number;
  readonly maxWaitMs: number;
};

export function createWaitingLine(options: WaitingLineOptions): WaitingLine {
  const waiting = new Set<(host: HostProcess | undefined) => void>();
  let isClosed = false;

  async function take(): Promise<HostProcess | undefined> {
    if (isClosed) return undefined;
    const host = waiting.size === 0 ? options.lease() : undefined;
    if (host !== undefined) return host;
    if (waiting.size >= options.maxLength) return undefined;
    return new Promise((resolve) => {
      const called = (found: HostProcess | undefined): void => {
        waiting.delete(called);
        clearTimeout(timer);
        resolve(found);
      };
      const timer = setTimeout(() => called(undefined), options.maxWaitMs);
      waiting.add(called);
    });
  }

  return {
    take,
    serve() {
      const [first] = waiting;
      if (first === undefined) return;
      const host = options.lease();
      if (host !== undefined) first(host);
    },
    close() {
      isClosed = true;
      for (const called of waiting) called(undefined);
    },
  };
}
