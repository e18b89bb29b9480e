import type { BoundAction, StoredAction, TenantScripts, Trigger } from '../core/action.ts';
import { findPinned, isIntact, type StoredModule } from '../core/module.ts';
import type { Store } from '../store/store.ts';
import type { Vault } from '../vault/vault.ts';

type ScriptsDeps = {
  readonly store: Pick<Store, 'actions' | 'rules' | 'modules' | 'tokenExchangeProfiles'>;
  readonly vault: Vault;
};

/** What runs at each trigger: deployed versions in the order of their bindings, enabled Rules in theirs. */
export async function loadScripts({ store, vault }: ScriptsDeps): Promise<TenantScripts> {
  const [actions, bindings, rules, settings, allModules, profiles] = await Promise.all([
    store.actions.list(),
    store.actions.listBindings(),
    store.rules.list(),
    store.rules.listSettings(),
    store.modules.list(),
    store.tokenExchangeProfiles.list(),
  ]);
  // One whose text was changed in the database is as good as gone.
  const modules = allModules.filter(isIntact);
  const byId = new Map(actions.map((action) => [action.id, action]));
  const listBound = (trigger: Trigger): readonly BoundAction[] =>
    bindings.flatMap((binding) => {
      const action = binding.trigger === trigger ? byId.get(binding.actionId) : undefined;
      return action === undefined ? [] : toBound(vault, action, modules);
    });
  return {
    rules: rules.filter(({ isEnabled }) => isEnabled),
    rulesConfiguration: Object.fromEntries(
      settings.map(({ key, sealedValue }) => [key, vault.openRuleSetting(key, sealedValue)]),
    ),
    postLogin: listBound('post-login'),
    credentialsExchange: listBound('credentials-exchange'),
    tokenExchanges: new Map(
      profiles.flatMap(({ subjectTokenType, actionId }) => {
        const action = byId.get(actionId);
        const bound = action === undefined ? [] : toBound(vault, action, modules);
        return bound.map((each) => [subjectTokenType, each] as const);
      }),
    ),
    modules,
  };
}

function toBound(
  vault: Vault,
  { deployed, sealedSecrets, ...action }: StoredAction,
  allowed: readonly StoredModule[],
): BoundAction[] {
  if (deployed === undefined) return [];
  const { id, name, mayReadProviderTokens } = action;
  const secrets = vault.openActionSecrets(id, sealedSecrets);
  const { modules, problem } = findPinned(deployed.modules, allowed);
  const { number: version, source } = deployed;
  return [{ id, name, mayReadProviderTokens, version, source, secrets, modules, problem }];
}
