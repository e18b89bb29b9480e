import { Type } from '@sinclair/typebox';
import {
  type ActionBinding,
  keptTriggers,
  type StoredAction,
  servedTriggers,
  type Trigger,
  triggers,
} from '../core/action.ts';
import { ApiError } from '../core/errors.ts';
import { bindingToWire, stableUuid, triggerToWire, withoutZeros } from '../wire/management/action-object.ts';
import { bindingList, boundAnswer, triggerList } from '../wire/management/answers/action.ts';
import { secretNamesOf } from './actions.ts';
import type { ManagementDeps } from './deps.ts';
import { anyOf, type Endpoint, endpoint } from './endpoint.ts';
import { querySchema } from './paging.ts';

const pageQuery = querySchema({
  page: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000_000 })),
  per_page: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
});

const bindingsWire = Type.Object(
  {
    bindings: Type.Array(
      Type.Object(
        {
          ref: Type.Object({
            type: Type.Optional(
              Type.Union([Type.Literal('action_id'), Type.Literal('action_name'), Type.Literal('binding_id')]),
            ),
            value: Type.String({ maxLength: 255 }),
          }),
          display_name: Type.Optional(Type.String({ maxLength: 255 })),
          secrets: Type.Optional(Type.Array(Type.Unknown())),
        },
        { additionalProperties: false },
      ),
      { maxItems: 100 },
    ),
  },
  { additionalProperties: false },
);

/** `/actions/triggers` and what is bound to each, in the order in which it runs. */
export function triggerEndpoints(deps: ManagementDeps): readonly Endpoint[] {
  const { store, audit } = deps;
  return [
    endpoint({
      method: 'GET',
      path: '/actions/triggers',
      summary: 'List triggers',
      scopes: anyOf('read:actions'),
      result: triggerList,
      answers: [200],
      handle: () => ({ status: 200, body: { triggers: triggers.map(describe) } }),
    }),
    endpoint({
      method: 'GET',
      path: '/actions/triggers/:id/bindings',
      summary: 'List what is bound to a trigger, in order',
      scopes: anyOf('read:actions'),
      query: pageQuery,
      result: bindingList,
      answers: [200, 404],
      async handle({ path, query }) {
        const all = await listBindings(deps, getTrigger(path.id));
        const [page, size] = [query.page ?? 0, query.per_page ?? 20];
        const bindings = all.slice(page * size, (page + 1) * size);
        return { status: 200, body: { bindings, ...withoutZeros({ total: all.length, page, per_page: size }) } };
      },
    }),
    endpoint({
      method: 'PATCH',
      path: '/actions/triggers/:id/bindings',
      summary: 'Replace what is bound to a trigger',
      scopes: anyOf('update:actions'),
      body: bindingsWire,
      result: boundAnswer,
      answers: [200, 400, 404],
      async handle(call) {
        const trigger = getTrigger(call.path.id);
        const actions = await store.actions.list();
        const bound = call.body.bindings.map(({ ref, display_name: displayName }) => {
          const action = findAction(actions, trigger, ref);
          if (action.deployed === undefined) {
            throw new ApiError(400, `The action ${action.name} is not deployed; deploy it before it is bound.`);
          }
          return { actionId: action.id, displayName };
        });
        await store.writeAll([store.actions.bind(trigger, bound), audit(call, 'Change what is bound to a trigger')]);
        return { status: 200, body: { bindings: await listBindings(deps, trigger) } };
      },
    }),
  ];
}

const describe = (id: Trigger) => ({
  ...triggerToWire(id),
  status: 'CURRENT',
  runtimes: ['node18', 'node22'],
  default_runtime: 'node22',
  binding_policy: (keptTriggers as readonly string[]).includes(id) && !isServed(id) ? 'entity-bound' : 'trigger-bound',
  compatible_triggers: [],
});

const isServed = (id: Trigger): boolean => (servedTriggers as readonly Trigger[]).includes(id);

function getTrigger(id: string | undefined): Trigger {
  const trigger = triggers.find((candidate) => candidate === id);
  if (trigger !== undefined) return trigger;
  throw new ApiError(404, 'That trigger does not exist.');
}

async function listBindings(deps: ManagementDeps, trigger: Trigger) {
  const byId = new Map((await deps.store.actions.list()).map((action) => [action.id, action]));
  return (await deps.store.actions.listBindings()).flatMap((binding: ActionBinding) => {
    const action = binding.trigger === trigger ? byId.get(binding.actionId) : undefined;
    return action === undefined ? [] : [bindingToWire(binding, action, secretNamesOf(deps, action))];
  });
}

type Reference = { readonly type?: 'action_id' | 'action_name' | 'binding_id'; readonly value: string };

function findAction(actions: readonly StoredAction[], trigger: Trigger, { type = 'action_name', value }: Reference) {
  const names = {
    action_id: ({ id }: StoredAction) => id,
    action_name: ({ name }: StoredAction) => name,
    binding_id: ({ id }: StoredAction) => stableUuid(`${trigger}|${id}`),
  };
  const action = actions.find((candidate) => candidate.trigger === trigger && names[type](candidate) === value);
  if (action !== undefined) return action;
  throw new ApiError(400, `There is no action ${value.slice(0, 100)} for the trigger ${trigger}.`);
}
