import type { Selectable } from 'kysely';
import { sql } from 'kysely';
import type { RefreshToken } from '../../core/session.ts';
import { toJson } from '../columns.ts';
import type { RepositoryDeps, Values } from '../compile.ts';
import type { Database } from '../database.ts';
import { checkFound } from '../outcomes.ts';
import type { Store } from '../store.ts';
import { toMetadata } from './device.ts';

type Row = Selectable<Database['refresh_tokens']>;
type Lists = Pick<Store['refreshTokens'], 'findById' | 'listByIds' | 'listByUser' | 'listAfter' | 'putMetadata'>;

/** Refresh tokens by the names that administrators know them by. */
export function createRefreshTokenLists(
  { compile, dialect }: RepositoryDeps,
  fromRow: (row: Row) => RefreshToken,
): Lists {
  const findById = compile('refresh_tokens_find_by_id', (db, $: Values<{ id: string }>) =>
    db.selectFrom('refresh_tokens').selectAll().where('id', '=', $.id),
  );
  const listByIds = compile('refresh_tokens_list_by_ids', (db, $: Values<{ ids: string }>) =>
    db
      .selectFrom('refresh_tokens')
      .selectAll()
      .where('id', 'in', sql<string>`(select value from ${dialect.eachText($.ids)} as wanted)`),
  );
  const listAfter = compile('refresh_tokens_list_after', (db, $: Values<{ after: string; limit: number }>) =>
    db.selectFrom('refresh_tokens').selectAll().where('id', '>', $.after).orderBy('id').limit($.limit),
  );
  const listByUser = compile(
    'refresh_tokens_list_by_user',
    (db, $: Values<{ user_id: string; now: number; limit: number }>) =>
      db
        .selectFrom('refresh_tokens')
        .selectAll()
        .where('user_id', '=', $.user_id)
        .where('consumed_at', 'is', null)
        .where((row) => row.or([row('expires_at', 'is', null), row('expires_at', '>', $.now)]))
        .where((row) => row.or([row('idle_expires_at', 'is', null), row('idle_expires_at', '>', $.now)]))
        .orderBy('created_at')
        .orderBy('token_hash')
        .limit($.limit),
  );
  const putMetadata = compile('refresh_tokens_put_metadata', (db, $: Values<{ id: string; metadata: string | null }>) =>
    db
      .updateTable('refresh_tokens')
      .set({ metadata: $.metadata })
      .where('id', '=', $.id)
      .where('consumed_at', 'is', null)
      .returning('id'),
  );

  return {
    async findById(id) {
      const row = await findById.first({ id });
      return row && fromRow(row);
    },
    listByIds: async (ids) => (await listByIds.rows({ ids: toJson(ids) })).map(fromRow),
    listByUser: async (userId, now, limit = 1_000) =>
      (await listByUser.rows({ user_id: userId, now: now.getTime(), limit })).map(fromRow),
    listAfter: async (after, limit) => (await listAfter.rows({ after: after ?? '', limit })).map(fromRow),
    putMetadata: (id, metadata) =>
      putMetadata.write({ id, metadata: toMetadata(metadata) }, checkFound, { mayConflict: true }),
  };
}
