import type { Selectable } from 'kysely';
import { type ResourceServer, resourceServerDefaults } from '../../core/client.ts';
import { fromJson, toJson, toOptionalSealed } from '../columns.ts';
import type { RepositoryDeps, Values } from '../compile.ts';
import type { Database } from '../database.ts';
import { checkFound, configuration, configurationThatMustExist, isFound, nothing } from '../outcomes.ts';
import type { Store } from '../store.ts';

type Row = Selectable<Database['resource_servers']>;

export function createResourceServers({ compile }: RepositoryDeps): Store['resourceServers'] {
  const list = compile('resource_servers_list', (db, _: Values<object>) =>
    db.selectFrom('resource_servers').selectAll().orderBy('id'),
  );
  const create = compile('resource_servers_create', (db, $: Values<Row>) =>
    db.insertInto('resource_servers').values({
      id: $.id,
      identifier: $.identifier,
      settings: $.settings,
      sealed_signing_secret: $.sealed_signing_secret,
    }),
  );
  const update = compile('resource_servers_update', (db, $: Values<Row>) =>
    db
      .updateTable('resource_servers')
      .set({ identifier: $.identifier, settings: $.settings, sealed_signing_secret: $.sealed_signing_secret })
      .where('id', '=', $.id)
      .returning('id'),
  );
  const remove = compile('resource_servers_delete', (db, $: Values<{ id: string }>) =>
    db.deleteFrom('resource_servers').where('id', '=', $.id).returning('id'),
  );

  return {
    list: async () => (await list.rows({})).map(fromRow),
    create: (resourceServer) => create.write(toRow(resourceServer), nothing, configuration),
    update: (resourceServer) => update.write(toRow(resourceServer), checkFound, configurationThatMustExist),
    delete: (id) => remove.write({ id }, isFound, configuration),
  };
}

const toRow = ({ id, identifier, sealedSigningSecret, ...settings }: ResourceServer): Row => ({
  id,
  identifier,
  settings: toJson(settings),
  sealed_signing_secret: sealedSigningSecret ?? null,
});

const fromRow = (row: Row): ResourceServer => ({
  ...resourceServerDefaults,
  ...fromJson<Omit<ResourceServer, 'id' | 'identifier' | 'sealedSigningSecret'>>(row.settings),
  id: row.id,
  identifier: row.identifier,
  sealedSigningSecret: toOptionalSealed(row.sealed_signing_secret),
});
