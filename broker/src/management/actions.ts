import { type Static, Type } from '@sinclair/typebox';
import { type ActionVersion, type StoredAction, triggers } from '../core/action.ts';
import { ApiError } from '../core/errors.ts';
import type { ActionId } from '../core/ids.ts';
import type { ModuleName } from '../core/module.ts';
import { pinModules } from '../core/module.ts';
import {
  type ActionChanges,
  actionChangesWire,
  actionToWire,
  identityOf,
  newActionWire,
  stableUuid,
  versionIdOf,
  versionToWire,
  withoutZeros,
} from '../wire/management/action-object.ts';
import {
  actionAnswer,
  actionList,
  deployedAnswer,
  versionAnswer,
  versionList,
} from '../wire/management/answers/action.ts';
import type { ManagementDeps } from './deps.ts';
import { anyOf, type Endpoint, endpoint } from './endpoint.ts';
import { querySchema } from './paging.ts';

const listQuery = querySchema({
  triggerId: Type.Optional(Type.Union(triggers.map((id) => Type.Literal(id)))),
  actionName: Type.Optional(Type.String({ maxLength: 255 })),
  deployed: Type.Optional(Type.Boolean()),
  installed: Type.Optional(Type.Boolean()),
  page: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000_000 })),
  per_page: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
});

/** `/actions/actions` (contract: management API §5.1). */
export function actionEndpoints(deps: ManagementDeps): readonly Endpoint[] {
  const { store, vault, clock, random, audit } = deps;
  const view = (action: StoredAction) => actionToWire(action, secretNamesOf(deps, action));
  return [
    endpoint({
      method: 'GET',
      path: '/actions/actions',
      summary: 'List Actions',
      scopes: anyOf('read:actions'),
      query: listQuery,
      result: actionList,
      answers: [200],
      async handle({ query }) {
        const found = (await store.actions.list()).filter((action) => matches(action, query));
        const [page, size] = [query.page ?? 0, query.per_page ?? 20];
        const actions = found.slice(page * size, (page + 1) * size).map(view);
        return { status: 200, body: { actions, ...withoutZeros({ total: found.length, page, per_page: size }) } };
      },
    }),
    endpoint({
      method: 'POST',
      path: '/actions/actions',
      summary: 'Create an Action',
      scopes: anyOf('create:actions'),
      body: newActionWire,
      result: actionAnswer,
      answers: [201, 400, 409],
      async handle(call) {
        const { name, supported_triggers: supported, deploy, ...changes } = call.body;
        const now = clock.now();
        const id = stableUuid(random.token('')) as ActionId;
        const draft: StoredAction = {
          id,
          name,
          trigger: supported[0]?.id ?? 'post-login',
          triggerVersion: supported[0]?.version,
          runtime: undefined,
          source: '',
          deployed: undefined,
          dependencies: [],
          sealedSecrets: vault.sealActionSecrets(id, {}),
          mayReadProviderTokens: false,
          createdAt: now,
          updatedAt: now,
        };
        const action = changedAction(deps, draft, changes);
        const deployed = deploy === true ? await versionOf(deps, action, 1) : undefined;
        if ((await store.actions.list()).some((other) => other.name === name)) throw nameTaken(name);
        await store.writeAll([store.actions.create({ ...action, deployed }), audit(call, 'Create an Action')]);
        return { status: 201, body: { ...view({ ...action, deployed }), status: 'pending' } };
      },
    }),
    endpoint({
      method: 'GET',
      path: '/actions/actions/:id',
      summary: 'Get an Action',
      scopes: anyOf('read:actions'),
      result: actionAnswer,
      answers: [200, 404],
      handle: async ({ path }) => ({ status: 200, body: view(await getAction(deps, path.id)) }),
    }),
    endpoint({
      method: 'PATCH',
      path: '/actions/actions/:id',
      summary: 'Change the draft of an Action',
      scopes: anyOf('update:actions'),
      body: actionChangesWire,
      result: actionAnswer,
      answers: [200, 400, 404],
      handle: (call) =>
        store.exclusively(`action ${call.path.id}`, async () => {
          const action = changedAction(deps, await getAction(deps, call.path.id), call.body);
          await store.writeAll([store.actions.update(action), audit(call, 'Update an Action')]);
          return { status: 200, body: view(action) };
        }),
    }),
    endpoint({
      method: 'DELETE',
      path: '/actions/actions/:id',
      summary: 'Delete an Action with its versions; a bound one only with force',
      scopes: anyOf('delete:actions'),
      query: querySchema({ force: Type.Optional(Type.Boolean()) }),
      answers: [204, 400, 404],
      async handle(call) {
        const { id } = await getAction(deps, call.path.id);
        const isBound = (await store.actions.listBindings()).some(({ actionId }) => actionId === id);
        if (isBound && call.query.force !== true) {
          throw new ApiError(400, 'The action is bound to a trigger. Unbind it first, or delete it with force=true.');
        }
        await store.writeAll([store.actions.delete(id), audit(call, 'Delete an Action')]);
        return { status: 204 };
      },
    }),
    endpoint({
      method: 'POST',
      path: '/actions/actions/:id/deploy',
      summary: 'Deploy the draft of an Action as its next version',
      scopes: anyOf('create:actions'),
      result: deployedAnswer,
      answers: [200, 400, 404],
      handle: (call) =>
        store.exclusively(`action ${call.path.id}`, async () => {
          const action = await getAction(deps, call.path.id);
          const version = await versionOf(deps, action, await nextNumber(deps, action));
          await store.writeAll([store.actions.deploy(action.id, version), audit(call, 'Deploy an Action')]);
          return { status: 200, body: { ...versionToWire(action, version), action: identityOf(action) } };
        }),
    }),
    endpoint({
      method: 'GET',
      path: '/actions/actions/:id/versions',
      summary: 'List the versions of an Action, newest first',
      scopes: anyOf('read:actions'),
      query: querySchema({ page: listQuery.properties.page, per_page: listQuery.properties.per_page }),
      result: versionList,
      answers: [200, 404],
      async handle({ path, query }) {
        const action = await getAction(deps, path.id);
        const all = await store.actions.listVersions(action.id);
        const [page, size] = [query.page ?? 0, query.per_page ?? 50];
        const versions = all.slice(page * size, (page + 1) * size).map((version) => versionToWire(action, version));
        return { status: 200, body: { versions, ...withoutZeros({ total: all.length, page, per_page: size }) } };
      },
    }),
    endpoint({
      method: 'GET',
      path: '/actions/actions/:id/versions/:version_id',
      summary: 'Get a version of an Action',
      scopes: anyOf('read:actions'),
      result: versionAnswer,
      answers: [200, 404],
      async handle({ path }) {
        const action = await getAction(deps, path.id);
        return { status: 200, body: versionToWire(action, await getVersion(deps, action, path.version_id)) };
      },
    }),
    endpoint({
      method: 'POST',
      path: '/actions/actions/:id/versions/:version_id/deploy',
      summary: 'Deploy what a version holds, as a new version',
      scopes: anyOf('create:actions'),
      result: deployedAnswer,
      answers: [200, 404],
      handle: (call) =>
        store.exclusively(`action ${call.path.id}`, async () => {
          const action = await getAction(deps, call.path.id);
          const { source, modules } = await getVersion(deps, action, call.path.version_id);
          const version = { number: await nextNumber(deps, action), source, modules, createdAt: clock.now() };
          await store.writeAll([
            store.actions.deploy(action.id, version),
            audit(call, 'Deploy a version of an Action'),
          ]);
          return { status: 200, body: { ...versionToWire(action, version), action: identityOf(action) } };
        }),
    }),
  ];
}

export const secretNamesOf = (
  { vault }: Pick<ManagementDeps, 'vault'>,
  { id, sealedSecrets }: StoredAction,
): string[] => Object.keys(vault.openActionSecrets(id, sealedSecrets));

async function getAction({ store }: ManagementDeps, id: string | undefined): Promise<StoredAction> {
  const action = (await store.actions.list()).find((candidate) => candidate.id === id);
  if (action !== undefined) return action;
  throw new ApiError(404, 'That action does not exist.');
}

async function getVersion(
  { store }: ManagementDeps,
  action: StoredAction,
  id: string | undefined,
): Promise<ActionVersion> {
  const versions = await store.actions.listVersions(action.id);
  const version = versions.find((candidate) => versionIdOf(action, candidate) === id);
  if (version !== undefined) return version;
  throw new ApiError(404, 'That action version does not exist.');
}

const nextNumber = async ({ store }: ManagementDeps, action: StoredAction): Promise<number> =>
  ((await store.actions.listVersions(action.id))[0]?.number ?? 0) + 1;

/** npm modules are pinned now; what is not allowed ends the deployment. */
async function versionOf(deps: ManagementDeps, action: StoredAction, number: number): Promise<ActionVersion> {
  const allowed = await deps.store.modules.list();
  const { pins, problems } = pinModules(action.dependencies, { allowed, isBundled: deps.isBundledModule });
  if (problems.length > 0) throw new ApiError(400, problems.join('. '));
  return { number, source: action.source, modules: pins, createdAt: deps.clock.now() };
}

function changedAction({ vault, clock }: ManagementDeps, known: StoredAction, changes: ActionChanges): StoredAction {
  const [asked] = changes.supported_triggers ?? [];
  if (asked !== undefined && asked.id !== known.trigger)
    throw new ApiError(400, 'The trigger of an action cannot be changed.');
  return {
    ...known,
    name: changes.name ?? known.name,
    triggerVersion: asked?.version ?? known.triggerVersion,
    runtime: changes.runtime ?? known.runtime,
    source: changes.code ?? known.source,
    dependencies: (changes.dependencies as readonly ModuleName[] | undefined)?.map(toName) ?? known.dependencies,
    sealedSecrets: changes.secrets === undefined ? known.sealedSecrets : sealSecrets(vault, known, changes.secrets),
    mayReadProviderTokens: changes.may_read_provider_tokens ?? known.mayReadProviderTokens,
    updatedAt: clock.now(),
  };
}

const toName = ({ name, version }: ModuleName): ModuleName => ({ name, version });

function sealSecrets(
  vault: ManagementDeps['vault'],
  { id, sealedSecrets }: StoredAction,
  secrets: NonNullable<ActionChanges['secrets']>,
) {
  const known = vault.openActionSecrets(id, sealedSecrets);
  const values = secrets.map(({ name, value = known[name] }) => {
    if (value === undefined) throw new ApiError(400, `The secret ${name} has no value.`);
    return [name, value] as const;
  });
  return vault.sealActionSecrets(id, Object.fromEntries(values));
}

const nameTaken = (name: string) => new ApiError(409, `An action with the name ${name} already exists in this tenant.`);

const matches = (action: StoredAction, query: Static<typeof listQuery>): boolean =>
  (query.triggerId === undefined || query.triggerId === action.trigger) &&
  (query.actionName === undefined || query.actionName === action.name) &&
  (query.deployed === undefined || query.deployed === (action.deployed !== undefined)) &&
  query.installed !== true;
