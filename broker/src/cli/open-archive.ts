import type { Attempt, StoredAttempt } from '../core/attempt.ts';
import type { LogEvent } from '../core/log-event.ts';
import type { RecordedRun } from '../sandbox/recording-sandbox.ts';
import type { Store } from '../store/store.ts';
import type { Vault } from '../vault/vault.ts';
import { CommandError, type StoreSettings } from './deps.ts';
import { findTenantSecrets, type SecretValues } from './recorded-secrets.ts';
import { withStore } from './with-store.ts';

/** `connectionName`: as it is called now; undefined: there was none, or it is gone. */
export type OpenAttempt = Attempt<RecordedRun> & { readonly connectionName?: string | undefined };

/** The kept attempts, opened. A broker may be running on the same database. */
export type Archive = {
  get(traceId: string): Promise<OpenAttempt>;
  find(traceId: string): Promise<OpenAttempt | undefined>;
  listEvents(traceId: string): Promise<readonly LogEvent[]>;
  list(limit: number): Promise<readonly OpenAttempt[]>;
  listFailed(limit: number): Promise<readonly OpenAttempt[]>;
  /** Of the Action or the Rules of a run, as they are now. */
  findSecrets(run: RecordedRun): Promise<SecretValues>;
};

/** Opens the archive for `work` and closes it after. */
export const withArchive = <Result>(
  settings: StoreSettings,
  work: (archive: Archive) => Promise<Result>,
): Promise<Result> => withStore(settings, (opened) => work(archiveOf(opened)));

function archiveOf({ store, vault }: { readonly store: Store; readonly vault: Vault }): Archive {
  const open = async (stored: readonly StoredAttempt[]): Promise<readonly OpenAttempt[]> => {
    const names = new Map((await store.connections.list()).map(({ id, name }) => [id, name]));
    return stored.map((attempt) => ({
      ...vault.openAttempt<RecordedRun>(attempt),
      connectionName: attempt.connectionId && names.get(attempt.connectionId),
    }));
  };
  const find = async (traceId: string) => {
    const stored = await store.attempts.find(traceId);
    const [attempt] = stored === undefined ? [] : await open([stored]);
    return attempt;
  };
  return {
    find,
    async get(traceId) {
      const attempt = await find(traceId);
      if (attempt === undefined) throw new CommandError(`there is no attempt ${traceId}, or its time has passed`);
      return attempt;
    },
    listEvents: (traceId) => store.logs.listByTrace(traceId),
    list: async (limit) => open(await store.attempts.list(limit)),
    listFailed: async (limit) => open(await store.attempts.listFailed(limit)),
    findSecrets: (run) => findTenantSecrets({ store, vault }, run),
  };
}
