import type Database from 'better-sqlite3';
import { StoreError } from '../../core/errors.ts';
import type { Backend, OnError } from '../backend.ts';
import { createGroupCommit } from './group-commit.ts';
import { createLeases } from './leases.ts';
import { toPath } from './location.ts';
import { openDatabase } from './open-database.ts';
import { createExecute } from './statements.ts';
import { toStoreError, unavailable } from './to-store-error.ts';

type SqliteOptions = { readonly url: string; readonly onError: OnError; readonly onConfigurationChanged: () => void };

/** One connection. Its calls are synchronous, so a read never sees half of a group. */
export function openSqlite({ url, onError, onConfigurationChanged }: SqliteOptions): Backend {
  const db = openDatabase(toPath(url));
  const watch = watchOtherProcesses(db, onConfigurationChanged);
  const execute = createExecute(db);
  const group = createGroupCommit(db, execute);

  const run: Backend['run'] = async (writes) => {
    if (!db.open) throw new StoreError('unavailable', 'The store is closed');
    return group.run(writes);
  };
  const stage: Backend['stage'] = async (writes) => {
    if (!db.open) throw new StoreError('unavailable', 'The store is closed');
    return group.stage(writes);
  };

  return {
    async rows(statement, values) {
      if (!db.open) throw new StoreError('unavailable', 'The store is closed');
      try {
        return execute(statement, values);
      } catch (error) {
        throw toStoreError(error);
      }
    },
    run,
    stage,
    exclusively: createLeases(run, onError),
    async ping() {
      try {
        db.prepare('select 1').get();
      } catch (error) {
        throw unavailable(error);
      }
    },
    async close() {
      if (!db.open) return;
      clearInterval(watch);
      group.flush();
      db.close();
    },
  };
}

const watchMs = 1000;

/** `data_version` moves when another process has committed anything: the command line, say, while the server runs. */
function watchOtherProcesses(db: Database.Database, onChange: () => void): NodeJS.Timeout {
  const version = db.prepare('pragma data_version').pluck();
  let last = version.get();
  return setInterval(() => {
    const found = version.get();
    if (found === last) return;
    last = found;
    onChange();
  }, watchMs).unref();
}
