import { type AliasableExpression, type Selectable, sql } from 'kysely';
import type { ClientId, UserId } from '../../core/ids.ts';
import type { UserGrant } from '../../core/user-grant.ts';
import { fromJson, toJson } from '../columns.ts';
import type { RepositoryDeps, Values } from '../compile.ts';
import type { Database } from '../database.ts';
import { countOf, isFound, nothing } from '../outcomes.ts';
import type { Store } from '../store.ts';

type Row = Selectable<Database['user_grants']>;
type Filter = { readonly user_id: string | null; readonly client_id: string | null; readonly audience: string | null };
type Key = Pick<Row, 'user_id' | 'client_id' | 'audience'>;

/** An empty text, because a unique key does not compare nulls. */
const toAudience = (audience: string | undefined): string => audience ?? '';

export function createUserGrants({ compile }: RepositoryDeps): Store['userGrants'] {
  const find = compile('user_grants_find', (db, $: Values<Key>) =>
    db
      .selectFrom('user_grants')
      .selectAll()
      .where('user_id', '=', $.user_id)
      .where('client_id', '=', $.client_id)
      .where('audience', '=', $.audience),
  );
  const findById = compile('user_grants_find_by_id', (db, $: Values<{ id: string }>) =>
    db.selectFrom('user_grants').selectAll().where('id', '=', $.id),
  );
  const put = compile('user_grants_put', (db, $: Values<Row>) =>
    db
      .insertInto('user_grants')
      .values({
        id: $.id,
        user_id: $.user_id,
        client_id: $.client_id,
        audience: $.audience,
        scopes: $.scopes,
        allowed_at: $.allowed_at,
      })
      .onConflict((conflict) =>
        conflict
          .columns(['user_id', 'client_id', 'audience'])
          .doUpdateSet({ scopes: $.scopes, allowed_at: $.allowed_at }),
      ),
  );
  const page = (name: string, isOfUser: boolean) =>
    compile(name, (db, $: Values<Filter & { limit: number; skip: number }>) => {
      const found = db
        .selectFrom('user_grants')
        .selectAll()
        .select(sql<number>`count(*) over ()`.as('total'))
        .where('client_id', '=', sql<string>`coalesce(${$.client_id}, client_id)`)
        .where('audience', '=', sql<string>`coalesce(${$.audience}, audience)`);
      const ofUser = isOfUser ? found.where('user_id', '=', $.user_id as AliasableExpression<string>) : found;
      return ofUser.orderBy('id').limit($.limit).offset($.skip);
    });
  const list = page('user_grants_list', false);
  const listOfUser = page('user_grants_list_of_user', true);
  const remove = compile('user_grants_delete', (db, $: Values<{ id: string }>) =>
    db.deleteFrom('user_grants').where('id', '=', $.id).returning('id'),
  );
  const removeOfUser = compile('user_grants_delete_of_user', (db, $: Values<{ user_id: string }>) =>
    db.deleteFrom('user_grants').where('user_id', '=', $.user_id).returning('id'),
  );

  return {
    async find(userId, clientId, audience) {
      const row = await find.first({ user_id: userId, client_id: clientId, audience: toAudience(audience) });
      return row === undefined ? undefined : fromRow(row);
    },
    async findById(id) {
      const row = await findById.first({ id });
      return row === undefined ? undefined : fromRow(row);
    },
    put: (grant) => put.write(toRow(grant), nothing),
    async list({ userId, clientId, audience }, { skip, limit }) {
      const filter = { user_id: userId ?? null, client_id: clientId ?? null, audience: audience ?? null };
      const rows = await (userId === undefined ? list : listOfUser).rows({ ...filter, skip, limit });
      return { grants: rows.map(fromRow), total: Number(rows[0]?.total ?? 0) };
    },
    delete: (id) => remove.write({ id }, isFound),
    deleteOfUser: (userId) => removeOfUser.write({ user_id: userId }, countOf),
  };
}

const toRow = ({ id, userId, clientId, audience, scopes, allowedAt }: UserGrant): Row => ({
  id,
  user_id: userId,
  client_id: clientId,
  audience: toAudience(audience),
  scopes: toJson(scopes),
  allowed_at: allowedAt.getTime(),
});

const fromRow = (row: Row): UserGrant => ({
  id: row.id,
  userId: row.user_id as UserId,
  clientId: row.client_id as ClientId,
  audience: row.audience === '' ? undefined : row.audience,
  scopes: fromJson<string[]>(row.scopes),
  allowedAt: new Date(row.allowed_at),
});
