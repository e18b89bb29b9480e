import type { Kysely, Selectable } from 'kysely';
import { sql } from 'kysely';
import { connectionDefaults, type StoredConnection } from '../../core/connection.ts';
import type { ClientId, ConnectionId } from '../../core/ids.ts';
import { fromJson, toJson, toSealed } from '../columns.ts';
import type { RepositoryDeps, Values } from '../compile.ts';
import type { Database } from '../database.ts';
import { checkFound, configuration, configurationThatMustExist, nothing } from '../outcomes.ts';
import type { Command, Store } from '../store.ts';
import { compileConnectionRemoval } from './connection-removal.ts';

type Columns = Selectable<Database['connections']>;
type Row = Columns & { enabled_clients: string | null };

export function createConnections(deps: RepositoryDeps): Store['connections'] {
  const { compile, dialect } = deps;
  const withClients = (db: Kysely<Database>) =>
    db
      .selectFrom('connections')
      .selectAll()
      .select((row) =>
        row
          .selectFrom('enabled_clients')
          .select(dialect.collectClientIds().as('client_ids'))
          .whereRef('connection_id', '=', 'connections.id')
          .as('enabled_clients'),
      );
  const list = compile('connections_list', (db, _: Values<object>) =>
    withClients(db).orderBy('created_at').orderBy('name'),
  );
  const find = compile('connections_find', (db, $: Values<{ id: string }>) => withClients(db).where('id', '=', $.id));
  const create = compile('connections_create', (db, $: Values<Columns>) =>
    db.insertInto('connections').values({
      id: $.id,
      name: $.name,
      strategy: $.strategy,
      display_name: $.display_name,
      sealed_options: $.sealed_options,
      metadata: $.metadata,
      settings: $.settings,
      created_at: $.created_at,
      updated_at: $.updated_at,
    }),
  );
  const update = compile('connections_update', (db, $: Values<Columns>) =>
    db
      .updateTable('connections')
      .set({
        name: $.name,
        strategy: $.strategy,
        display_name: $.display_name,
        sealed_options: $.sealed_options,
        metadata: $.metadata,
        settings: $.settings,
        updated_at: $.updated_at,
      })
      .where('id', '=', $.id)
      .returning('id'),
  );
  const enable = compile('connections_enable', (db, $: Values<{ id: string; client_id: string }>) =>
    db
      .insertInto('enabled_clients')
      .values({ connection_id: $.id, client_id: $.client_id })
      .onConflict((conflict) => conflict.doNothing()),
  );
  const disable = compile('connections_disable', (db, $: Values<{ id: string; client_id: string }>) =>
    db.deleteFrom('enabled_clients').where('connection_id', '=', $.id).where('client_id', '=', $.client_id),
  );
  const disableAll = compile('connections_disable_all', (db, $: Values<{ id: string }>) =>
    db.deleteFrom('enabled_clients').where('connection_id', '=', $.id),
  );
  const enableAll = compile('connections_enable_all', (db, $: Values<{ id: string; client_ids: string }>) =>
    db
      .insertInto('enabled_clients')
      .columns(['connection_id', 'client_id'])
      .expression((row) =>
        row
          .selectFrom(dialect.eachText($.client_ids).as('client'))
          .select((client) => [$.id.as('connection_id'), client.ref('client.value').as('client_id')])
          // SQLite would read the conflict clause as a join's without it.
          .where(sql<boolean>`true`),
      )
      .onConflict((conflict) => conflict.doNothing()),
  );
  const remove = compileConnectionRemoval(deps);

  const setEnabledClients = ({ id, enabledClients }: StoredConnection): Command[] => [
    disableAll.command({ id }),
    enableAll.command({ id, client_ids: toJson([...enabledClients]) }),
  ];

  return {
    list: async () => (await list.rows({})).map(fromRow),
    async find(id) {
      const row = await find.first({ id });
      return row && fromRow(row);
    },
    create: (connection) =>
      create.write(toRow(connection), nothing, { ...configuration, after: setEnabledClients(connection) }),
    update: (connection) =>
      update.write(toRow(connection), checkFound, {
        ...configurationThatMustExist,
        after: setEnabledClients(connection),
      }),
    enableClient: (id, clientId) => enable.write({ id, client_id: clientId }, nothing, configuration),
    disableClient: (id, clientId) => disable.write({ id, client_id: clientId }, nothing, configuration),
    delete: (id) => remove(id),
  };
}

const toRow = (connection: StoredConnection): Columns => ({
  id: connection.id,
  name: connection.name,
  strategy: connection.strategy,
  display_name: connection.displayName,
  sealed_options: connection.sealedOptions,
  metadata: toJson(connection.metadata),
  settings: toJson({ isForSignIn: connection.isForSignIn, extra: connection.extra }),
  created_at: connection.createdAt.getTime(),
  updated_at: connection.updatedAt.getTime(),
});

const fromRow = (row: Row): StoredConnection => ({
  id: row.id as ConnectionId,
  name: row.name,
  strategy: row.strategy,
  displayName: row.display_name,
  sealedOptions: toSealed(row.sealed_options),
  enabledClients: new Set(fromJson<ClientId[]>(row.enabled_clients ?? '[]')),
  metadata: fromJson(row.metadata),
  ...connectionDefaults,
  ...fromJson<Pick<StoredConnection, 'isForSignIn' | 'extra'>>(row.settings),
  createdAt: new Date(row.created_at),
  updatedAt: new Date(row.updated_at),
});
