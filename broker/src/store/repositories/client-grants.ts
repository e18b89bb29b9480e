import type { Selectable } from 'kysely';
import type { ClientGrant } from '../../core/client.ts';
import type { ClientId } from '../../core/ids.ts';
import { fromJson, toJson } from '../columns.ts';
import type { RepositoryDeps, Values } from '../compile.ts';
import type { Database } from '../database.ts';
import { checkFound, configuration, configurationThatMustExist, isFound, nothing } from '../outcomes.ts';
import type { Store } from '../store.ts';

type Row = Selectable<Database['client_grants']>;

export function createClientGrants({ compile }: RepositoryDeps): Store['clientGrants'] {
  const list = compile('client_grants_list', (db, _: Values<object>) =>
    db.selectFrom('client_grants').selectAll().orderBy('id'),
  );
  const create = compile('client_grants_create', (db, $: Values<Row>) =>
    db.insertInto('client_grants').values({
      id: $.id,
      client_id: $.client_id,
      audience: $.audience,
      scopes: $.scopes,
    }),
  );
  const update = compile('client_grants_update', (db, $: Values<Row>) =>
    db
      .updateTable('client_grants')
      .set({ client_id: $.client_id, audience: $.audience, scopes: $.scopes })
      .where('id', '=', $.id)
      .returning('id'),
  );
  const remove = compile('client_grants_delete', (db, $: Values<{ id: string }>) =>
    db.deleteFrom('client_grants').where('id', '=', $.id).returning('id'),
  );

  return {
    list: async () => (await list.rows({})).map(fromRow),
    create: (grant) => create.write(toRow(grant), nothing, configuration),
    update: (grant) => update.write(toRow(grant), checkFound, configurationThatMustExist),
    delete: (id) => remove.write({ id }, isFound, configuration),
  };
}

const toRow = ({ id, clientId, audience, scopes }: ClientGrant): Row => ({
  id,
  client_id: clientId,
  audience,
  scopes: toJson(scopes),
});

const fromRow = (row: Row): ClientGrant => ({
  id: row.id,
  clientId: row.client_id as ClientId,
  audience: row.audience,
  scopes: fromJson<string[]>(row.scopes),
});
