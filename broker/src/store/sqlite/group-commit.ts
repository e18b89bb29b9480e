import type Database from 'better-sqlite3';
import type { Write } from '../store.ts';
import type { Execute } from './statements.ts';
import { toStoreError, unavailable } from './to-store-error.ts';

type Unit = {
  readonly writes: readonly Write<unknown>[];
  /** Nobody may be answered before it survives a loss of power. */
  readonly needsSync: boolean;
  readonly resolve: (results: readonly unknown[]) => void;
  readonly reject: (error: unknown) => void;
};

type Outcome = { readonly results: readonly unknown[] } | { readonly error: unknown };

export type GroupCommit = {
  run(writes: readonly Write<unknown>[]): Promise<readonly unknown[]>;
  /** Committed with its turn; safe from a loss of power with the next unit that needs it. */
  stage(writes: readonly Write<unknown>[]): Promise<readonly unknown[]>;
  /** Commits what is waiting, now. */
  flush(): void;
};

/**
 * All units of work of one turn of the event loop share one transaction, so that they share its fsync. Nobody is answered
 * before the COMMIT. A group without durable writes is committed without fsync (WAL keeps it through the end of the
 * process); the next fsync covers it, since the log is written in order. setImmediate runs after the turn's I/O callbacks, which is when all requests that arrived have enqueued.
 */
export function createGroupCommit(db: Database.Database, execute: Execute): GroupCommit {
  const begin = db.prepare('begin immediate');
  const commit = db.prepare('commit');
  const rollback = db.prepare('rollback');
  const savepoint = db.prepare('savepoint unit');
  const release = db.prepare('release unit');
  const rollbackUnit = db.prepare('rollback to unit');
  const sync = createSyncSwitch(db);
  let waiting: Unit[] = [];

  const perform = (writes: readonly Write<unknown>[]): unknown[] =>
    writes.map((write) => {
      for (const part of write.before ?? []) execute(part.statement, part.values);
      const rows = execute(write.statement, write.values);
      for (const part of write.after ?? []) execute(part.statement, part.values);
      return write.read(rows);
    });

  /** A failed statement undoes itself; what it shares a unit with needs a savepoint to go with it. */
  const attempt = ({ writes }: Unit): Outcome => {
    const needsSavepoint = !isSingleStatement(writes);
    try {
      if (needsSavepoint) savepoint.run();
      const results = perform(writes);
      if (needsSavepoint) release.run();
      return { results };
    } catch (error) {
      // Out of disk or memory: SQLite has ended the whole transaction, and with it every unit of the group.
      if (!db.inTransaction) throw error;
      if (needsSavepoint) {
        rollbackUnit.run();
        release.run();
      }
      return { error: toStoreError(error) };
    }
  };

  const commitAll = (units: readonly Unit[]): Outcome[] => {
    try {
      sync(units.some(({ needsSync }) => needsSync));
      begin.run();
      const outcomes = units.map(attempt);
      commit.run();
      return outcomes;
    } catch (error) {
      if (db.inTransaction) rollback.run();
      return units.map(() => ({ error: unavailable(error) }));
    }
  };

  const flush = (): void => {
    if (waiting.length === 0) return;
    const units = waiting;
    waiting = [];
    const outcomes = commitAll(units);
    units.forEach((unit, index) => {
      const outcome = outcomes[index];
      if (outcome && 'results' in outcome) unit.resolve(outcome.results);
      else unit.reject(outcome?.error);
    });
  };

  const enqueue = (writes: readonly Write<unknown>[], needsSync: boolean): Promise<readonly unknown[]> =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) setImmediate(flush);
      waiting.push({ writes, needsSync, resolve, reject });
    });

  return {
    run: (writes) => enqueue(writes, !writes.every(({ isShortLived }) => isShortLived)),
    stage: (writes) => enqueue(writes, false),
    flush,
  };
}

/** Sets whether the next COMMIT waits for the disk; speaks to SQLite only when that changes. */
function createSyncSwitch(db: Database.Database): (needsSync: boolean) => void {
  let isFull: boolean | undefined;
  return (needsSync) => {
    if (needsSync === isFull) return;
    // SQLite runs this pragma while it compiles it: a prepared one would have acted when it was prepared.
    db.exec(`pragma synchronous = ${needsSync ? 'FULL' : 'NORMAL'}`);
    isFull = needsSync;
  };
}

function isSingleStatement(writes: readonly Write<unknown>[]): boolean {
  const [only, ...others] = writes;
  return only !== undefined && others.length === 0 && !only.mayConflict && !only.before && !only.after;
}
