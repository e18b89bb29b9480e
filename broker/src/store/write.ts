/** One prepared statement with its values, not yet sent. */
export type Write<Result> = {
  readonly statement: Statement;
  readonly values: readonly unknown[];
  /** Reads the statement's `returning` rows. May throw StoreError('conflict'): then nothing of the transaction is written. */
  readonly read: (rows: readonly Record<string, unknown>[]) => Result;
  /** true: `read` may throw. Absent: it never does, so PostgreSQL may be sent the COMMIT along with the statements. */
  readonly mayConflict?: boolean;
  /** true: it must survive the end of the process, but not a loss of power. A turn of such writes alone needs no fsync. */
  readonly isShortLived?: boolean;
  /** true: listeners of `onConfigurationChanged` are called once it is committed, here and in other brokers. */
  readonly changesConfiguration?: boolean;
  /** Statements of the same write around its own one, where one table is not enough. */
  readonly before?: readonly Command[];
  readonly after?: readonly Command[];
};

/** A statement with its values, whose rows nobody reads. */
export type Command = Pick<Write<unknown>, 'statement' | 'values'>;

/** SQL compiled once. `name` is the prepared statement's name on PostgreSQL; empty: it is not worth keeping. */
export type Statement = { readonly name: string; readonly sql: string };
