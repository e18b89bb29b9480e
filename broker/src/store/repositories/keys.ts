import type { Selectable } from 'kysely';
import type { KeyId } from '../../core/ids.ts';
import type { StoredKey } from '../../core/key.ts';
import { fromJson, toJson, toSealed } from '../columns.ts';
import type { RepositoryDeps, Values } from '../compile.ts';
import type { Database } from '../database.ts';
import { checkFound, configuration, configurationThatMustExist, isFound, nothing } from '../outcomes.ts';
import type { Store } from '../store.ts';

type Row = Selectable<Database['keys']>;

export function createKeys({ compile }: RepositoryDeps): Store['keys'] {
  const list = compile('keys_list', (db, _: Values<object>) =>
    db.selectFrom('keys').selectAll().orderBy('created_at').orderBy('id'),
  );
  const create = compile('keys_create', (db, $: Values<Row>) =>
    db.insertInto('keys').values({
      id: $.id,
      use: $.use,
      state: $.state,
      sealed_material: $.sealed_material,
      public_jwk: $.public_jwk,
      created_at: $.created_at,
    }),
  );
  const setState = compile('keys_set_state', (db, $: Values<{ id: string; state: string }>) =>
    db.updateTable('keys').set({ state: $.state }).where('id', '=', $.id).returning('id'),
  );
  const remove = compile('keys_delete', (db, $: Values<{ id: string }>) =>
    db.deleteFrom('keys').where('id', '=', $.id).returning('id'),
  );

  return {
    list: async () => (await list.rows({})).map(fromRow),
    create: (key) => create.write(toRow(key), nothing, configuration),
    setState: (id, state) => setState.write({ id, state }, checkFound, configurationThatMustExist),
    delete: (id) => remove.write({ id }, isFound, configuration),
  };
}

const toRow = (key: StoredKey): Row => ({
  id: key.id,
  use: key.use,
  state: key.state,
  sealed_material: key.sealedMaterial,
  public_jwk: toJson(key.publicJwk),
  created_at: key.createdAt.getTime(),
});

const fromRow = (row: Row): StoredKey => ({
  id: row.id as KeyId,
  use: row.use as StoredKey['use'],
  state: row.state as StoredKey['state'],
  sealedMaterial: toSealed(row.sealed_material),
  publicJwk: fromJson(row.public_jwk),
  createdAt: new Date(row.created_at),
});
