import type { Selectable } from 'kysely';
import { sql } from 'kysely';
import type { ConnectionId, UpstreamUserId, UserId } from '../../core/ids.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Identity } from '../../core/user.ts';
import { fromJson, toJson, toOptionalSealed } from '../columns.ts';
import type { RepositoryDeps, Values } from '../compile.ts';
import type { Database } from '../database.ts';
import { checkFound, nothing } from '../outcomes.ts';
import type { Store } from '../store.ts';

type Row = Selectable<Database['identities']>;
type Key = { connection_id: string; upstream_user_id: string };

export function createIdentities({ compile, dialect }: RepositoryDeps): Store['identities'] {
  const find = compile('identities_find', (db, $: Values<Key>) =>
    db
      .selectFrom('identities')
      .selectAll()
      .where('connection_id', '=', $.connection_id)
      .where('upstream_user_id', '=', $.upstream_user_id),
  );
  const listByUser = compile('identities_list_by_user', (db, $: Values<{ user_id: string }>) =>
    db
      .selectFrom('identities')
      .selectAll()
      .where('user_id', '=', $.user_id)
      .orderBy('connection_id')
      .orderBy('upstream_user_id'),
  );
  const create = compile('identities_create', (db, $: Values<Row>) =>
    db.insertInto('identities').values({
      connection_id: $.connection_id,
      upstream_user_id: $.upstream_user_id,
      user_id: $.user_id,
      sealed_tokenset: $.sealed_tokenset,
      profile_data: $.profile_data,
    }),
  );
  const putProfileData = compile('identities_put_profile_data', (db, $: Values<Key & { profile_data: string }>) =>
    db
      .updateTable('identities')
      .set({ profile_data: $.profile_data })
      .where('connection_id', '=', $.connection_id)
      .where('upstream_user_id', '=', $.upstream_user_id),
  );
  const listByUsers = compile('identities_list_by_users', (db, $: Values<{ user_ids: string }>) =>
    db
      .selectFrom('identities')
      .selectAll()
      .where('user_id', 'in', sql<string>`(select value from ${dialect.eachText($.user_ids)} as wanted)`)
      .orderBy('connection_id')
      .orderBy('upstream_user_id'),
  );
  const move = compile('identities_move', (db, $: Values<{ from: string; to: string }>) =>
    db.updateTable('identities').set({ user_id: $.to }).where('user_id', '=', $.from).returning('user_id'),
  );
  const remove = compile('identities_delete', (db, $: Values<Key & { user_id: string }>) =>
    db
      .deleteFrom('identities')
      .where('connection_id', '=', $.connection_id)
      .where('upstream_user_id', '=', $.upstream_user_id)
      .where('user_id', '=', $.user_id)
      .returning('user_id'),
  );
  const putTokenset = compile('identities_put_tokenset', (db, $: Values<Key & { sealed_tokenset: Uint8Array }>) =>
    db
      .updateTable('identities')
      .set({ sealed_tokenset: $.sealed_tokenset })
      .where('connection_id', '=', $.connection_id)
      .where('upstream_user_id', '=', $.upstream_user_id)
      .returning('user_id'),
  );

  return {
    async find(connectionId, upstreamUserId) {
      const row = await find.first(toKey(connectionId, upstreamUserId));
      return row && fromRow(row);
    },
    listByUser: async (userId) => (await listByUser.rows({ user_id: userId })).map(fromRow),
    create: ({ connectionId, upstreamUserId, userId, sealedTokenset, profileData }) =>
      create.write(
        {
          ...toKey(connectionId, upstreamUserId),
          user_id: userId,
          sealed_tokenset: sealedTokenset ?? null,
          profile_data: toOptionalJson(profileData),
        },
        nothing,
      ),
    listByUsers: async (userIds) => (await listByUsers.rows({ user_ids: toJson(userIds) })).map(fromRow),
    putProfileData: (connectionId, upstreamUserId, profileData) =>
      putProfileData.write({ ...toKey(connectionId, upstreamUserId), profile_data: toJson(profileData) }, nothing),
    move: (from, to) => move.write({ from, to }, checkFound, { mayConflict: true }),
    delete: ({ connectionId, upstreamUserId, userId }) =>
      remove.write({ ...toKey(connectionId, upstreamUserId), user_id: userId }, checkFound, { mayConflict: true }),
    putTokenset: (connectionId, upstreamUserId, sealed) =>
      putTokenset.write({ ...toKey(connectionId, upstreamUserId), sealed_tokenset: sealed }, checkFound, {
        mayConflict: true,
      }),
  };
}

const toOptionalJson = (value: JsonObject | undefined): string | null => (value === undefined ? null : toJson(value));

const toKey = (connectionId: ConnectionId, upstreamUserId: UpstreamUserId): Key => ({
  connection_id: connectionId,
  upstream_user_id: upstreamUserId,
});

const fromRow = (row: Row): Identity => ({
  connectionId: row.connection_id as ConnectionId,
  upstreamUserId: row.upstream_user_id as UpstreamUserId,
  userId: row.user_id as UserId,
  sealedTokenset: toOptionalSealed(row.sealed_tokenset),
  ...(row.profile_data === null ? {} : { profileData: fromJson(row.profile_data) }),
});
