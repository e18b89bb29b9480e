import type { BoundAction, StoredAction, TenantScripts, Trigger } from '../core/action.ts';
import type { Store } from '../store/store.ts';
import type { Vault } from '../vault/vault.ts';

type ScriptsDeps = { readonly store: Pick<Store, 'actions' | 'rules'>; readonly vault: Vault };

/** What runs at each trigger: deployed versions in the order of their bindings, enabled Rules in theirs. */
export async function loadScripts({ store, vault }: ScriptsDeps): Promise<TenantScripts> {
  const [actions, bindings, rules, settings] = await Promise.all([
    store.actions.list(),
    store.actions.listBindings(),
    store.rules.list(),
    store.rules.listSettings(),
  ]);
  const byId = new Map(actions.map((action) => [action.id, action]));
  const listBound = (trigger: Trigger): readonly BoundAction[] =>
    bindings.flatMap((binding) => {
      const action = binding.trigger === trigger ? byId.get(binding.actionId) : undefined;
      return action === undefined ? [] : toBound(vault, action);
    });
  return {
    rules: rules.filter(({ isEnabled }) => isEnabled),
    rulesConfiguration: Object.fromEntries(
      settings.map(({ key, sealedValue }) => [key, vault.openRuleSetting(key, sealedValue)]),
    ),
    postLogin: listBound('post-login'),
    credentialsExchange: listBound('credentials-exchange'),
  };
}

function toBound(vault: Vault, { deployed, sealedSecrets, ...action }: StoredAction): BoundAction[] {
  if (deployed === undefined) return [];
  const { id, name, mayReadProviderTokens } = action;
  const secrets = vault.openActionSecrets(id, sealedSecrets);
  return [{ id, name, mayReadProviderTokens, version: deployed.number, source: deployed.source, secrets }];
}
