import { existsSync } from 'node:fs';
import { openStore } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';
import { createVault, type Vault } from '../vault/vault.ts';
import { CommandError, type StoreSettings } from './deps.ts';

/** Opens the database for `work` and closes it after. A broker may be running on it; one that is not there is not made. */
export async function withStore<Result>(
  { databaseUrl, keyring }: StoreSettings,
  work: (opened: { readonly store: Store; readonly vault: Vault }) => Promise<Result>,
): Promise<Result> {
  const file = databaseUrl.startsWith('sqlite:') ? databaseUrl.slice('sqlite:'.length) : undefined;
  if (file !== undefined && !existsSync(file)) throw new CommandError(`there is no database at ${file}`);
  const store = await openStore({ url: databaseUrl });
  try {
    return await work({ store, vault: createVault({ keyring }) });
  } finally {
    await store.close();
  }
}
