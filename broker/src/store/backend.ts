import type { Statement, Store, Write } from './store.ts';

export type Row = Readonly<Record<string, unknown>>;

/** One database connection's worth of abilities. Repositories and open-store.ts are built on it, once per dialect. */
export type Backend = Pick<Store, 'exclusively' | 'ping' | 'close'> & {
  rows(statement: Statement, values: readonly unknown[]): Promise<readonly Row[]>;
  /** All or nothing, in order; the results in the same order. */
  run(writes: readonly Write<unknown>[]): Promise<readonly unknown[]>;
  /** As `run`, but durable only with the next run that is. */
  stage(writes: readonly Write<unknown>[]): Promise<readonly unknown[]>;
};

/** What `openStore` reports besides its answers: a lost connection, a listener that throws. */
export type OnError = (error: unknown) => void;
