import { createHash } from 'node:crypto';
import { type Static, Type } from '@sinclair/typebox';
import {
  type ActionBinding,
  type ActionVersion,
  type StoredAction,
  type Trigger,
  triggers,
} from '../../core/action.ts';
import { actionWire } from './actions.ts';

const trigger = Type.Object(
  {
    id: Type.Union(triggers.map((id) => Type.Literal(id))),
    version: Type.Optional(Type.String({ maxLength: 16 })),
    status: Type.Optional(Type.String()),
    runtimes: Type.Optional(Type.Array(Type.String())),
    default_runtime: Type.Optional(Type.String()),
    url: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);

/** A secret without a value keeps the one that it has. */
const secret = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 128 }),
    value: Type.Optional(Type.String({ maxLength: 4_096 })),
    updated_at: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);

const changeable = {
  code: Type.Optional(actionWire.properties.code),
  dependencies: Type.Optional(
    Type.Array(
      Type.Object({
        ...Type.Object({ name: Type.String({ maxLength: 214 }), version: Type.String({ maxLength: 64 }) }).properties,
        registry_url: Type.Optional(Type.Union([Type.String({ maxLength: 2048 }), Type.Null()])),
      }),
      { maxItems: 100 },
    ),
  ),
  runtime: Type.Optional(Type.String({ maxLength: 32 })),
  secrets: Type.Optional(Type.Array(secret, { maxItems: 100 })),
  modules: Type.Optional(Type.Array(Type.Unknown(), { maxItems: 0 })),
  may_read_provider_tokens: Type.Optional(Type.Boolean()),
};

export const newActionWire = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 255 }),
    supported_triggers: Type.Array(trigger, { minItems: 1, maxItems: 1 }),
    deploy: Type.Optional(Type.Boolean()),
    ...changeable,
  },
  { additionalProperties: false },
);

export const actionChangesWire = Type.Object(
  {
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
    supported_triggers: Type.Optional(Type.Array(trigger, { minItems: 1, maxItems: 1 })),
    ...changeable,
  },
  { additionalProperties: false },
);
export type ActionChanges = Static<typeof actionChangesWire>;

const defaultRuntime = 'node22';
const triggerVersions: Partial<Record<Trigger, string>> = { 'post-login': 'v3', 'credentials-exchange': 'v2' };

export const triggerToWire = (id: Trigger, version = triggerVersions[id] ?? 'v1') => ({ id, version });

/** Auth0: the service behind Actions leaves zeros out of what it says of a page. */
export const withoutZeros = (counts: Readonly<Record<string, number>>): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(counts).filter(([, value]) => value !== 0));

/** An id in the form of a UUID that is always the same for the same thing, for what has no id of its own here. */
export function stableUuid(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}

export const versionIdOf = (action: StoredAction, { number }: ActionVersion): string =>
  stableUuid(`${action.id}|${number}`);

/** An Action as it is shown: secrets by name, what is deployed beside the draft. */
export function actionToWire(action: StoredAction, secretNames: readonly string[]) {
  const { deployed } = action;
  const isDeployed = deployed !== undefined && deployed.source === action.source;
  return {
    ...identityOf(action),
    code: action.source,
    dependencies: action.dependencies,
    runtime: action.runtime ?? defaultRuntime,
    status: 'built',
    secrets: secretNames.map((name) => ({ name, updated_at: action.updatedAt.toISOString() })),
    ...(action.mayReadProviderTokens ? { may_read_provider_tokens: true } : {}),
    ...(deployed === undefined
      ? {}
      : { current_version: currentToWire(action, deployed), deployed_version: versionToWire(action, deployed) }),
    all_changes_deployed: isDeployed,
  };
}

export const identityOf = (action: StoredAction) => ({
  id: action.id,
  name: action.name,
  supported_triggers: [triggerToWire(action.trigger, action.triggerVersion)],
  created_at: action.createdAt.toISOString(),
  updated_at: action.updatedAt.toISOString(),
});

export const versionToWire = (action: StoredAction, version: ActionVersion) => ({
  id: versionIdOf(action, version),
  action_id: action.id,
  number: version.number,
  code: version.source,
  dependencies: version.modules.map(({ name, version: exact }) => ({ name, version: exact })),
  runtime: action.runtime ?? defaultRuntime,
  status: 'built',
  deployed: action.deployed?.number === version.number,
  built_at: version.createdAt.toISOString(),
  created_at: version.createdAt.toISOString(),
  updated_at: version.createdAt.toISOString(),
  supported_triggers: [triggerToWire(action.trigger, action.triggerVersion)],
});

/** Auth0: the version that was made last, told once more in the words of another service. It is the one that runs. */
const currentToWire = (action: StoredAction, version: ActionVersion) => ({
  id: versionIdOf(action, version),
  code: version.source,
  runtime: action.runtime ?? defaultRuntime,
  status: 'BUILT',
  number: version.number,
  build_time: version.createdAt.toISOString(),
  created_at: version.createdAt.toISOString(),
  updated_at: version.createdAt.toISOString(),
});

export const bindingToWire = (
  { trigger: id, displayName }: ActionBinding,
  action: StoredAction,
  secretNames: readonly string[],
) => ({
  id: stableUuid(`${id}|${action.id}`),
  trigger_id: id,
  display_name: displayName ?? action.name,
  action: actionToWire(action, secretNames),
  created_at: action.createdAt.toISOString(),
  updated_at: action.updatedAt.toISOString(),
});
