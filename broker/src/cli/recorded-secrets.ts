import { toFileName } from '../core/action.ts';
import type { RecordedRun } from '../sandbox/recording-sandbox.ts';
import type { Store } from '../store/store.ts';
import type { Vault } from '../vault/vault.ts';

export type SecretValues = Readonly<Record<string, string>>;

type TenantDeps = {
  readonly store: Pick<Store, 'actions' | 'rules'>;
  readonly vault: Pick<Vault, 'openActionSecrets' | 'openRuleSetting'>;
};

/** What the tenant has today for the Action of a run, or for its Rules; a recording has the names alone. */
export async function findTenantSecrets({ store, vault }: TenantDeps, run: RecordedRun): Promise<SecretValues> {
  const { kind } = run.entry;
  if (kind === 'rule') {
    const settings = await store.rules.listSettings();
    return Object.fromEntries(settings.map(({ key, sealedValue }) => [key, vault.openRuleSetting(key, sealedValue)]));
  }
  if (kind !== 'action') return {};
  const named = (await store.actions.list()).filter(({ name }) => isOf(name, run.filename));
  const [action] = named;
  // Two names can become one file's; then nobody knows whose secrets they were.
  return action === undefined || named.length > 1 ? {} : vault.openActionSecrets(action.id, action.sealedSecrets);
}

const isOf = (name: string, filename: string): boolean => filename.replace(/\.v\d+\.[jt]s$/, '') === toFileName(name);

/** A value for every name that the run had or that is given. `missing`: names without one. */
export function chooseSecrets(
  { secretNames = [] }: RecordedRun,
  { given, known }: { readonly given: SecretValues; readonly known: SecretValues },
): { readonly values: SecretValues; readonly missing: readonly string[] } {
  const all = { ...known, ...given };
  const names = [...new Set([...secretNames, ...Object.keys(given)])];
  return {
    values: Object.fromEntries(names.flatMap((name) => (Object.hasOwn(all, name) ? [[name, all[name] ?? '']] : []))),
    missing: names.filter((name) => !Object.hasOwn(all, name)),
  };
}
