import { existsSync } from 'node:fs';
import type { Attempt } from '../core/attempt.ts';
import type { LogEvent } from '../core/log-event.ts';
import type { RecordedRun } from '../sandbox/recording-sandbox.ts';
import { openStore } from '../store/open-store.ts';
import { createVault } from '../vault/vault.ts';
import { CommandError, type StoreSettings } from './deps.ts';

export type OpenAttempt = Attempt<RecordedRun>;

/** The kept attempts, opened. A broker may be running on the same database. */
export type Archive = {
  get(traceId: string): Promise<OpenAttempt>;
  find(traceId: string): Promise<OpenAttempt | undefined>;
  listEvents(traceId: string): Promise<readonly LogEvent[]>;
  list(limit: number): Promise<readonly OpenAttempt[]>;
  listFailed(limit: number): Promise<readonly OpenAttempt[]>;
};

/** Opens the archive for `work` and closes it after. */
export async function withArchive<Result>(
  { databaseUrl, keyring }: StoreSettings,
  work: (archive: Archive) => Promise<Result>,
): Promise<Result> {
  const file = databaseUrl.startsWith('sqlite:') ? databaseUrl.slice('sqlite:'.length) : undefined;
  if (file !== undefined && !existsSync(file)) throw new CommandError(`there is no database at ${file}`);
  const store = await openStore({ url: databaseUrl });
  const vault = createVault({ keyring });
  const open = vault.openAttempt<RecordedRun>;
  const find = async (traceId: string) => {
    const stored = await store.attempts.find(traceId);
    return stored && open(stored);
  };
  try {
    return await work({
      find,
      async get(traceId) {
        const attempt = await find(traceId);
        if (attempt === undefined) throw new CommandError(`there is no attempt ${traceId}, or its time has passed`);
        return attempt;
      },
      listEvents: (traceId) => store.logs.listByTrace(traceId),
      list: async (limit) => (await store.attempts.list(limit)).map(open),
      listFailed: async (limit) => (await store.attempts.listFailed(limit)).map(open),
    });
  } finally {
    await store.close();
  }
}
