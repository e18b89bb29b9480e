import { type Static, Type } from '@sinclair/typebox';
import type { Rule, StoredAction } from '../../core/action.ts';
import type { ActionId, Sealed } from '../../core/ids.ts';
import type { ModuleName, ModulePin } from '../../core/module.ts';

const secretWire = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 128 }),
  value: Type.String({ maxLength: 4_096 }),
});

/** `registry_url` of Auth0 is not read: where packages come from is the administrator's decision. */
const dependencyWire = Type.Object({
  name: Type.String({ pattern: '^(@[a-z0-9~-][a-z0-9._~-]*/)?[a-zA-Z0-9~-][a-zA-Z0-9._~-]*$', maxLength: 214 }),
  version: Type.String({ minLength: 1, maxLength: 64 }),
});

/** Auth0: a script has at most 100 kB. */
const code = Type.String({ maxLength: 100_000 });

/** An Action as Auth0's Management API writes it; `deploy` and `may_read_provider_tokens` are ours. */
export const actionWire = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 255 }),
  supported_triggers: Type.Array(
    Type.Object({
      id: Type.Union([
        Type.Literal('post-login'),
        Type.Literal('credentials-exchange'),
        Type.Literal('custom-token-exchange'),
      ]),
      version: Type.Optional(Type.String()),
    }),
    { minItems: 1, maxItems: 1 },
  ),
  code,
  dependencies: Type.Optional(Type.Array(dependencyWire, { maxItems: 100 })),
  secrets: Type.Optional(Type.Array(secretWire, { maxItems: 100 })),
  deploy: Type.Optional(Type.Boolean()),
  may_read_provider_tokens: Type.Optional(Type.Boolean()),
});
export type ActionWire = Static<typeof actionWire>;

/** A legacy Rule as Auth0's Management API writes it. */
export const ruleWire = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 255 }),
  script: code,
  order: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
  enabled: Type.Optional(Type.Boolean()),
  stage: Type.Optional(Type.Literal('login_success')),
});
export type RuleWire = Static<typeof ruleWire>;

export const ruleSettingWire = Type.Object({
  key: Type.String({ pattern: '^[A-Za-z0-9_\\-@*+:]{1,127}$' }),
  value: Type.String({ maxLength: 4_096 }),
});

export function actionFromWire(
  wire: ActionWire,
  {
    id,
    modules,
    sealedSecrets,
    now,
  }: {
    readonly id: ActionId;
    readonly modules: readonly ModulePin[];
    readonly sealedSecrets: Sealed;
    readonly now: Date;
  },
): StoredAction {
  return {
    id,
    name: wire.name,
    trigger: wire.supported_triggers[0]?.id ?? 'post-login',
    triggerVersion: wire.supported_triggers[0]?.version,
    runtime: undefined,
    source: wire.code,
    deployed: wire.deploy === true ? { number: 1, source: wire.code, modules, createdAt: now } : undefined,
    dependencies: dependenciesFromWire(wire),
    sealedSecrets,
    mayReadProviderTokens: wire.may_read_provider_tokens === true,
    createdAt: now,
    updatedAt: now,
  };
}

export const dependenciesFromWire = ({ dependencies = [] }: ActionWire): readonly ModuleName[] =>
  dependencies.map(({ name, version }) => ({ name, version }));

export const secretsFromWire = ({ secrets = [] }: ActionWire): Record<string, string> =>
  Object.fromEntries(secrets.map(({ name, value }) => [name, value]));

/** `position`: where it stands in the file, for Rules without an order. */
export const ruleFromWire = (wire: RuleWire, given: { readonly id: string; readonly position: number }): Rule => ({
  id: given.id,
  name: wire.name,
  source: wire.script,
  order: wire.order ?? given.position,
  isEnabled: wire.enabled !== false,
});
