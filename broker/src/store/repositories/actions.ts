import type { Selectable } from 'kysely';
import type { ActionVersion, StoredAction, Trigger } from '../../core/action.ts';
import type { ActionId } from '../../core/ids.ts';
import type { ModuleName, ModulePin } from '../../core/module.ts';
import { fromJson, toFlag, toJson, toSealed } from '../columns.ts';
import type { RepositoryDeps, Values } from '../compile.ts';
import type { Database } from '../database.ts';
import { checkFound, configuration, configurationThatMustExist, isFound, nothing } from '../outcomes.ts';
import type { Command, Store } from '../store.ts';

type Row = Selectable<Database['actions']>;
type VersionRow = Selectable<Database['action_versions']>;
type DeployedRow = Row & {
  version_source: string | null;
  version_modules: string | null;
  version_created_at: number | null;
};

export function createActions({ compile }: RepositoryDeps): Store['actions'] {
  const list = compile('actions_list', (db, _: Values<object>) =>
    db
      .selectFrom('actions')
      .leftJoin('action_versions', (join) =>
        join
          .onRef('action_versions.action_id', '=', 'actions.id')
          .onRef('action_versions.number', '=', 'actions.deployed_version'),
      )
      .selectAll('actions')
      .select([
        'action_versions.source as version_source',
        'action_versions.modules as version_modules',
        'action_versions.created_at as version_created_at',
      ])
      .orderBy('actions.name'),
  );
  const create = compile('actions_create', (db, $: Values<Row>) =>
    db.insertInto('actions').values({
      id: $.id,
      name: $.name,
      trigger_id: $.trigger_id,
      source: $.source,
      deployed_version: $.deployed_version,
      sealed_secrets: $.sealed_secrets,
      may_read_provider_tokens: $.may_read_provider_tokens,
      created_at: $.created_at,
      updated_at: $.updated_at,
      dependencies: $.dependencies,
      runtime: $.runtime,
      trigger_version: $.trigger_version,
    }),
  );
  const update = compile('actions_update', (db, $: Values<Row>) =>
    db
      .updateTable('actions')
      .set({
        name: $.name,
        source: $.source,
        sealed_secrets: $.sealed_secrets,
        may_read_provider_tokens: $.may_read_provider_tokens,
        updated_at: $.updated_at,
        dependencies: $.dependencies,
        runtime: $.runtime,
        trigger_version: $.trigger_version,
      })
      .where('id', '=', $.id)
      .returning('id'),
  );
  const createVersion = compile('action_versions_create', (db, $: Values<VersionRow>) =>
    db.insertInto('action_versions').values({
      action_id: $.action_id,
      number: $.number,
      source: $.source,
      created_at: $.created_at,
      modules: $.modules,
    }),
  );
  const setDeployed = compile('actions_set_deployed', (db, $: Values<{ id: string; number: number }>) =>
    db.updateTable('actions').set({ deployed_version: $.number }).where('id', '=', $.id),
  );
  const listVersions = compile('action_versions_list', (db, $: Values<{ action_id: string }>) =>
    db.selectFrom('action_versions').selectAll().where('action_id', '=', $.action_id).orderBy('number', 'desc'),
  );
  const remove = compile('actions_delete', (db, $: Values<{ id: string }>) =>
    db.deleteFrom('actions').where('id', '=', $.id).returning('id'),
  );
  const listBindings = compile('action_bindings_list', (db, _: Values<object>) =>
    db.selectFrom('action_bindings').selectAll().orderBy('trigger_id').orderBy('position'),
  );
  const unbind = compile('action_bindings_delete', (db, $: Values<{ trigger_id: string }>) =>
    db.deleteFrom('action_bindings').where('trigger_id', '=', $.trigger_id),
  );
  const bindOne = compile('action_bindings_create', (db, $: Values<Database['action_bindings']>) =>
    db.insertInto('action_bindings').values({
      trigger_id: $.trigger_id,
      position: $.position,
      action_id: $.action_id,
      display_name: $.display_name,
    }),
  );

  const versionCommands = ({ id, deployed }: StoredAction): Command[] =>
    deployed === undefined ? [] : [createVersion.command(toVersionRow(id, deployed))];

  return {
    list: async () => (await list.rows({})).map((row) => fromRow(row)),
    create: (action) => create.write(toRow(action), nothing, { ...configuration, after: versionCommands(action) }),
    update: (action) => update.write(toRow(action), checkFound, configurationThatMustExist),
    deploy: (id, version) =>
      createVersion.write(toVersionRow(id, version), nothing, {
        ...configuration,
        after: [setDeployed.command({ id, number: version.number })],
      }),
    listVersions: async (id) =>
      (await listVersions.rows({ action_id: id })).map((row) => ({
        number: row.number,
        source: row.source,
        modules: toModules(row.modules),
        createdAt: new Date(row.created_at),
      })),
    delete: (id) => remove.write({ id }, isFound, configuration),
    listBindings: async () =>
      (await listBindings.rows({})).map((row) => ({
        trigger: row.trigger_id as Trigger,
        actionId: row.action_id as ActionId,
        displayName: row.display_name ?? undefined,
      })),
    bind: (trigger, bound) =>
      unbind.write({ trigger_id: trigger }, nothing, {
        ...configuration,
        after: bound.map(({ actionId, displayName }, position) =>
          bindOne.command({ trigger_id: trigger, position, action_id: actionId, display_name: displayName ?? null }),
        ),
      }),
  };
}

const toRow = (action: StoredAction): Row => ({
  id: action.id,
  name: action.name,
  trigger_id: action.trigger,
  source: action.source,
  deployed_version: action.deployed?.number ?? null,
  sealed_secrets: action.sealedSecrets,
  may_read_provider_tokens: toFlag(action.mayReadProviderTokens),
  created_at: action.createdAt.getTime(),
  updated_at: action.updatedAt.getTime(),
  dependencies: action.dependencies.length === 0 ? null : toJson(action.dependencies),
  runtime: action.runtime ?? null,
  trigger_version: action.triggerVersion ?? null,
});

const toVersionRow = (id: ActionId, { number, source, modules, createdAt }: ActionVersion): VersionRow => ({
  action_id: id,
  number,
  source,
  created_at: createdAt.getTime(),
  modules: modules.length === 0 ? null : toJson(modules),
});

const toModules = (text: string | null): readonly ModulePin[] =>
  text === null ? [] : fromJson<readonly ModulePin[]>(text);

const fromRow = (row: DeployedRow): StoredAction => ({
  id: row.id as ActionId,
  name: row.name,
  trigger: row.trigger_id as Trigger,
  triggerVersion: row.trigger_version ?? undefined,
  runtime: row.runtime ?? undefined,
  source: row.source,
  deployed:
    row.deployed_version === null || row.version_source === null
      ? undefined
      : {
          number: row.deployed_version,
          source: row.version_source,
          modules: toModules(row.version_modules),
          createdAt: new Date(row.version_created_at ?? row.updated_at),
        },
  dependencies: row.dependencies === null ? [] : fromJson<readonly ModuleName[]>(row.dependencies),
  sealedSecrets: toSealed(row.sealed_secrets),
  mayReadProviderTokens: row.may_read_provider_tokens === 1,
  createdAt: new Date(row.created_at),
  updatedAt: new Date(row.updated_at),
});
