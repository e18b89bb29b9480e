import type { Selectable } from 'kysely';
import type { ConnectionId, HandleHash, UserId } from '../../core/ids.ts';
import type { Session } from '../../core/session.ts';
import type { RepositoryDeps, Values } from '../compile.ts';
import type { Database } from '../database.ts';
import { isFound, nothing, shortLived } from '../outcomes.ts';
import type { Store } from '../store.ts';

type Row = Selectable<Database['sessions']>;

export function createSessions({ compile }: RepositoryDeps): Store['sessions'] {
  const find = compile('sessions_find', (db, $: Values<{ handle_hash: string }>) =>
    db.selectFrom('sessions').selectAll().where('handle_hash', '=', $.handle_hash),
  );
  const create = compile('sessions_create', (db, $: Values<Row>) =>
    db.insertInto('sessions').values({
      handle_hash: $.handle_hash,
      sid: $.sid,
      user_id: $.user_id,
      connection_id: $.connection_id,
      authenticated_at: $.authenticated_at,
      idle_expires_at: $.idle_expires_at,
      expires_at: $.expires_at,
    }),
  );
  const touch = compile('sessions_touch', (db, $: Values<{ handle_hash: string; idle_expires_at: number }>) =>
    db
      .updateTable('sessions')
      .set({ idle_expires_at: $.idle_expires_at })
      .where('handle_hash', '=', $.handle_hash)
      .where('idle_expires_at', '<', $.idle_expires_at),
  );
  const retire = compile('sessions_retire', (db, $: Values<{ handle_hash: string; at: number }>) =>
    db
      .updateTable('sessions')
      .set({ expires_at: $.at })
      .where('handle_hash', '=', $.handle_hash)
      .where('expires_at', '>', $.at),
  );
  const remove = compile('sessions_delete', (db, $: Values<{ handle_hash: string }>) =>
    db.deleteFrom('sessions').where('handle_hash', '=', $.handle_hash).returning('handle_hash'),
  );
  const deleteByUser = compile('sessions_delete_by_user', (db, $: Values<{ user_id: string }>) =>
    db.deleteFrom('sessions').where('user_id', '=', $.user_id),
  );
  const listByUser = compile('sessions_list_by_user', (db, $: Values<{ user_id: string; now: number }>) =>
    db
      .selectFrom('sessions')
      .selectAll()
      .where('user_id', '=', $.user_id)
      .where('expires_at', '>', $.now)
      .where('idle_expires_at', '>', $.now)
      .orderBy('authenticated_at')
      .orderBy('handle_hash')
      .limit(1_000),
  );
  const listBySid = compile('sessions_list_by_sid', (db, $: Values<{ sid: string; now: number }>) =>
    db
      .selectFrom('sessions')
      .selectAll()
      .where('sid', '=', $.sid)
      .where('expires_at', '>', $.now)
      .where('idle_expires_at', '>', $.now)
      .orderBy('expires_at', 'desc'),
  );
  const deleteBySid = compile('sessions_delete_by_sid', (db, $: Values<{ sid: string }>) =>
    db.deleteFrom('sessions').where('sid', '=', $.sid),
  );

  return {
    async find(handleHash) {
      const row = await find.first({ handle_hash: handleHash });
      return row && fromRow(row);
    },
    create: (session) => create.write(toRow(session), nothing, shortLived),
    touch: (handleHash, idleExpiresAt) =>
      touch.write({ handle_hash: handleHash, idle_expires_at: idleExpiresAt.getTime() }, nothing, shortLived),
    retire: (handleHash, at) => retire.write({ handle_hash: handleHash, at: at.getTime() }, nothing, shortLived),
    // Durable: a session that was ended must not come back with the power.
    delete: (handleHash) => remove.write({ handle_hash: handleHash }, isFound),
    deleteByUser: (userId) => deleteByUser.write({ user_id: userId }, nothing),
    listByUser: async (userId, now) => (await listByUser.rows({ user_id: userId, now: now.getTime() })).map(fromRow),
    listBySid: async (sid, now) => (await listBySid.rows({ sid, now: now.getTime() })).map(fromRow),
    deleteBySid: (sid) => deleteBySid.write({ sid }, nothing),
  };
}

const toRow = (session: Session): Row => ({
  handle_hash: session.handleHash,
  sid: session.sid,
  user_id: session.userId,
  connection_id: session.connectionId,
  authenticated_at: session.authenticatedAt.getTime(),
  idle_expires_at: session.idleExpiresAt.getTime(),
  expires_at: session.expiresAt.getTime(),
});

const fromRow = (row: Row): Session => ({
  handleHash: row.handle_hash as HandleHash,
  sid: row.sid,
  userId: row.user_id as UserId,
  connectionId: row.connection_id as ConnectionId,
  authenticatedAt: new Date(row.authenticated_at),
  idleExpiresAt: new Date(row.idle_expires_at),
  expiresAt: new Date(row.expires_at),
});
