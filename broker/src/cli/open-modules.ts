import { existsSync } from 'node:fs';
import type { StoredModule } from '../core/module.ts';
import { openStore } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';
import { CommandError, type StoreSettings } from './deps.ts';

type ModulesStore = Pick<Store, 'modules' | 'actions' | 'write' | 'writeAll'>;
type Settings = Pick<StoreSettings, 'databaseUrl'>;

/** The store of the modules, for `work`. A broker may be running on the same database: it hears of what changes. */
export async function withModulesStore<Result>(
  { databaseUrl }: Settings,
  work: (store: ModulesStore) => Promise<Result>,
): Promise<Result> {
  const store = await openStore({ url: databaseUrl });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** All that are allowed; none where there is no database yet. */
export function listModules(settings: Settings): Promise<readonly StoredModule[]> {
  const file = fileOf(settings);
  if (file !== undefined && !existsSync(file)) return Promise.resolve([]);
  return withModulesStore(settings, (store) => store.modules.list());
}

/** As withModulesStore, where there is nothing to make a database for. */
export function withFilledModulesStore<Result>(
  settings: Settings,
  work: (store: ModulesStore) => Promise<Result>,
): Promise<Result> {
  const file = fileOf(settings);
  if (file !== undefined && !existsSync(file)) throw new CommandError(`there is no database at ${file}`);
  return withModulesStore(settings, work);
}

const fileOf = ({ databaseUrl }: Settings): string | undefined =>
  databaseUrl.startsWith('sqlite:') ? databaseUrl.slice('sqlite:'.length) : undefined;
