import type { Selectable } from 'kysely';
import { type Client, clientDefaults, defaultRefreshTokenSettings } from '../../core/client.ts';
import type { ClientId } from '../../core/ids.ts';
import { fromJson, toJson, toOptionalSealed } from '../columns.ts';
import type { RepositoryDeps, Values } from '../compile.ts';
import type { Database } from '../database.ts';
import { checkFound, configuration, configurationThatMustExist, isFound, nothing } from '../outcomes.ts';
import type { Store } from '../store.ts';

type Row = Selectable<Database['clients']>;
type Settings = Omit<Client, 'id' | 'sealedSecret' | 'createdAt' | 'updatedAt'>;

export function createClients({ compile }: RepositoryDeps): Store['clients'] {
  const list = compile('clients_list', (db, _: Values<object>) =>
    db.selectFrom('clients').selectAll().orderBy('created_at').orderBy('id'),
  );
  const find = compile('clients_find', (db, $: Values<{ id: string }>) =>
    db.selectFrom('clients').selectAll().where('id', '=', $.id),
  );
  const create = compile('clients_create', (db, $: Values<Row>) =>
    db.insertInto('clients').values({
      id: $.id,
      settings: $.settings,
      sealed_secret: $.sealed_secret,
      created_at: $.created_at,
      updated_at: $.updated_at,
    }),
  );
  const update = compile('clients_update', (db, $: Values<Row>) =>
    db
      .updateTable('clients')
      .set({ settings: $.settings, sealed_secret: $.sealed_secret, updated_at: $.updated_at })
      .where('id', '=', $.id)
      .returning('id'),
  );
  const remove = compile('clients_delete', (db, $: Values<{ id: string }>) =>
    db.deleteFrom('clients').where('id', '=', $.id).returning('id'),
  );
  const disable = compile('clients_delete_enabled', (db, $: Values<{ id: string }>) =>
    db.deleteFrom('enabled_clients').where('client_id', '=', $.id),
  );
  const deleteTokens = compile('clients_delete_refresh_tokens', (db, $: Values<{ id: string }>) =>
    db.deleteFrom('refresh_tokens').where('client_id', '=', $.id),
  );

  return {
    list: async () => (await list.rows({})).map(fromRow),
    async find(id) {
      const row = await find.first({ id });
      return row && fromRow(row);
    },
    create: (client) => create.write(toRow(client), nothing, configuration),
    update: (client) => update.write(toRow(client), checkFound, configurationThatMustExist),
    delete: (id) =>
      remove.write({ id }, isFound, {
        ...configuration,
        after: [disable.command({ id }), deleteTokens.command({ id })],
      }),
  };
}

function toRow({ id, sealedSecret, createdAt, updatedAt, ...settings }: Client): Row {
  return {
    id,
    settings: toJson(settings),
    sealed_secret: sealedSecret ?? null,
    created_at: createdAt.getTime(),
    updated_at: updatedAt.getTime(),
  };
}

const fromRow = (row: Row): Client => {
  const settings = fromJson<Settings>(row.settings);
  return {
    ...clientDefaults,
    ...settings,
    refreshToken: { ...defaultRefreshTokenSettings, ...settings.refreshToken },
    id: row.id as ClientId,
    sealedSecret: toOptionalSealed(row.sealed_secret),
    createdAt: new Date(row.created_at),
    updatedAt: new Date(row.updated_at),
  };
};
