import { type Selectable, sql } from 'kysely';
import type { KeyId } from '../../core/ids.ts';
import type { StoredKey } from '../../core/key.ts';
import { fromJson, toJson, toSealed } from '../columns.ts';
import type { RepositoryDeps, Values } from '../compile.ts';
import type { Database } from '../database.ts';
import { checkFound, configuration, configurationThatMustExist, isFound, nothing } from '../outcomes.ts';
import type { Store } from '../store.ts';

type Row = Selectable<Database['keys']>;
type Times = 'current_since' | 'current_until';

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
      current_since: $.current_since,
      current_until: $.current_until,
    }),
  );
  const setState = compile('keys_set_state', (db, $: Values<Pick<Row, 'id' | 'state' | Times>>) =>
    db
      .updateTable('keys')
      .set({
        state: $.state,
        current_since: sql<number>`coalesce(${$.current_since}, current_since)`,
        current_until: sql<number>`coalesce(${$.current_until}, current_until)`,
      })
      .where('id', '=', $.id)
      .returning('id'),
  );
  const remove = compile('keys_delete', (db, $: Values<{ id: string }>) =>
    db.deleteFrom('keys').where('id', '=', $.id).returning('id'),
  );

  return {
    list: async () => (await list.rows({})).map(fromRow),
    create: (key) => create.write(toRow(key), nothing, configuration),
    setState(id, state, at) {
      const current_since = state === 'current' ? at.getTime() : null;
      const current_until = state === 'previous' ? at.getTime() : null;
      return setState.write({ id, state, current_since, current_until }, checkFound, configurationThatMustExist);
    },
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
  current_since: key.currentSince?.getTime() ?? null,
  current_until: key.currentUntil?.getTime() ?? null,
});

const fromRow = (row: Row): StoredKey => ({
  id: row.id as KeyId,
  use: row.use as StoredKey['use'],
  state: row.state as StoredKey['state'],
  sealedMaterial: toSealed(row.sealed_material),
  publicJwk: fromJson(row.public_jwk),
  createdAt: new Date(row.created_at),
  currentSince: row.current_since === null ? undefined : new Date(row.current_since),
  currentUntil: row.current_until === null ? undefined : new Date(row.current_until),
});
