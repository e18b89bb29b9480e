import type { Selectable } from 'kysely';
import type { ClientId, UserId } from '../../core/ids.ts';
import type { UserGrant } from '../../core/user-grant.ts';
import { fromJson, toJson } from '../columns.ts';
import type { RepositoryDeps, Values } from '../compile.ts';
import type { Database } from '../database.ts';
import { nothing } from '../outcomes.ts';
import type { Store } from '../store.ts';

type Row = Selectable<Database['user_grants']>;
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

  return {
    async find(userId, clientId, audience) {
      const row = await find.first({ user_id: userId, client_id: clientId, audience: toAudience(audience) });
      return row === undefined ? undefined : fromRow(row);
    },
    put: (grant) => put.write(toRow(grant), nothing),
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
