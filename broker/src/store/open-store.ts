import { ConfigError } from '../core/errors.ts';
import type { Backend, OnError } from './backend.ts';
import { createAsk, createCompile } from './compile.ts';
import { changesConfiguration, createConfigurationListeners } from './configuration-listeners.ts';
import type { Dialect } from './dialect.ts';
import { postgresDialect, sqliteDialect } from './dialect.ts';
import { queueLogs } from './log-queue.ts';
import { createPurge } from './purge.ts';
import { createRepositories } from './repositories/repositories.ts';
import { openSqlite } from './sqlite/backend.ts';
import type { Store } from './store.ts';

export type StoreOptions = {
  /** `sqlite:/path/file.db`, `sqlite::memory:` or `postgres://user:password@host/database`. */
  readonly url: string;
  /** Told of what no caller can be told: a lost connection, a listener that throws. */
  readonly onError?: OnError;
};

/** Opens the database and brings its schema up to date. Rejects with ConfigError if it cannot be used. */
export async function openStore({ url, onError = () => {} }: StoreOptions): Promise<Store> {
  const listeners = createConfigurationListeners(onError);
  const { dialect, backend } = await openBackend(url, onError, listeners.notify);
  const deps = { compile: createCompile(dialect, backend), dialect, ask: createAsk(dialect, backend) };

  const announcing =
    (send: Backend['run']): Backend['run'] =>
    async (writes) => {
      const results = await send(writes);
      if (changesConfiguration(writes)) listeners.notify();
      return results;
    };
  const run = announcing(backend.run);
  const stage = announcing(backend.stage);

  const repositories = createRepositories(deps);
  const { logs, flush } = queueLogs(repositories.logs, { send: (write) => run([write]), onError });

  return {
    ...repositories,
    logs,
    dialect: dialect.name,
    // Results come in the order of the writes, each from its own `read`: what the signatures in store.ts say.
    write: async (write) => (await run([write]))[0] as never,
    writeAll: async (writes) => (await run(writes)) as never,
    stage: async (writes) => (await stage(writes)) as never,
    exclusively: backend.exclusively,
    ping: backend.ping,
    purgeExpired: createPurge(deps, backend),
    onConfigurationChanged: listeners.add,
    async close() {
      await flush();
      await backend.close();
    },
  };
}

async function openBackend(
  url: string,
  onError: OnError,
  onConfigurationChanged: () => void,
): Promise<{ dialect: Dialect; backend: Backend }> {
  if (url.startsWith('sqlite:'))
    return { dialect: sqliteDialect, backend: openSqlite({ url, onError, onConfigurationChanged }) };
  if (/^postgres(ql)?:\/\//.test(url)) {
    // A broker on SQLite starts without the client of the other database.
    const { openPostgres } = await import('./postgres/backend.ts');
    return { dialect: postgresDialect, backend: await openPostgres({ url, onError, onConfigurationChanged }) };
  }
  throw new ConfigError(['PORTICO_DATABASE_URL must begin with sqlite: or postgres://']);
}
