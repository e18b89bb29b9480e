import { type Selectable, sql } from 'kysely';
import type { ClientId, ConnectionId, HandleHash, UserId } from '../../core/ids.ts';
import type { Session } from '../../core/session.ts';
import type { RepositoryDeps, Values } from '../compile.ts';
import type { Database } from '../database.ts';
import { checkFound, isFound, nothing, shortLived } from '../outcomes.ts';
import type { Store } from '../store.ts';
import { fromDeviceRow, fromMetadata, type LastColumns, toDeviceRow, toLastRow, toMetadata } from './device.ts';

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
      created_at: $.created_at,
      updated_at: $.updated_at,
      last_interacted_at: $.last_interacted_at,
      initial_ip: $.initial_ip,
      initial_user_agent: $.initial_user_agent,
      last_ip: $.last_ip,
      last_user_agent: $.last_user_agent,
      client_ids: $.client_ids,
      metadata: $.metadata,
    }),
  );
  const touch = compile(
    'sessions_touch',
    (db, $: Values<LastColumns & { handle_hash: string; idle_expires_at: number; at: number }>) =>
      db
        .updateTable('sessions')
        .set({
          idle_expires_at: $.idle_expires_at,
          updated_at: $.at,
          last_interacted_at: $.at,
          last_ip: $.last_ip,
          last_user_agent: $.last_user_agent,
        })
        .where('handle_hash', '=', $.handle_hash)
        .where('idle_expires_at', '<', $.idle_expires_at),
  );
  // Appended, so that of two clients that join at once neither is lost.
  const join = compile('sessions_join', (db, $: Values<{ handle_hash: string; client_id: string; at: number }>) =>
    db
      .updateTable('sessions')
      .set({
        client_ids: sql<string>`coalesce(client_ids || ${sql.lit('\n')}, '') || cast(${$.client_id} as text)`,
        updated_at: $.at,
      })
      .where('handle_hash', '=', $.handle_hash),
  );
  const putMetadata = compile(
    'sessions_put_metadata',
    (db, $: Values<{ sid: string; metadata: string | null; at: number }>) =>
      db
        .updateTable('sessions')
        .set({ metadata: $.metadata, updated_at: $.at })
        .where('sid', '=', $.sid)
        .where('expires_at', '>', $.at)
        .where('idle_expires_at', '>', $.at)
        .returning('sid'),
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
  const listByUser = compile(
    'sessions_list_by_user',
    (db, $: Values<{ user_id: string; now: number; limit: number }>) =>
      db
        .selectFrom('sessions')
        .selectAll()
        .where('user_id', '=', $.user_id)
        .where('expires_at', '>', $.now)
        .where('idle_expires_at', '>', $.now)
        .orderBy('authenticated_at')
        .orderBy('handle_hash')
        .limit($.limit),
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
    touch: (handleHash, { idleExpiresAt, at, seenFrom }) =>
      touch.write(
        {
          ...toLastRow(seenFrom),
          handle_hash: handleHash,
          idle_expires_at: idleExpiresAt.getTime(),
          at: at.getTime(),
        },
        nothing,
        shortLived,
      ),
    join: (handleHash, clientId, at) =>
      join.write({ handle_hash: handleHash, client_id: clientId, at: at.getTime() }, nothing, shortLived),
    putMetadata: (sid, metadata, at) =>
      putMetadata.write({ sid, metadata: toMetadata(metadata), at: at.getTime() }, checkFound, { mayConflict: true }),
    retire: (handleHash, at) => retire.write({ handle_hash: handleHash, at: at.getTime() }, nothing, shortLived),
    // Durable: a session that was ended must not come back with the power.
    delete: (handleHash) => remove.write({ handle_hash: handleHash }, isFound),
    deleteByUser: (userId) => deleteByUser.write({ user_id: userId }, nothing),
    listByUser: async (userId, now, limit = 1_000) =>
      (await listByUser.rows({ user_id: userId, now: now.getTime(), limit })).map(fromRow),
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
  created_at: session.createdAt.getTime(),
  updated_at: session.updatedAt.getTime(),
  last_interacted_at: session.lastInteractedAt.getTime(),
  client_ids: session.clientIds.join('\n'),
  metadata: toMetadata(session.metadata),
  ...toDeviceRow(session.device),
});

const fromRow = (row: Row): Session => ({
  handleHash: row.handle_hash as HandleHash,
  sid: row.sid,
  userId: row.user_id as UserId,
  connectionId: row.connection_id as ConnectionId,
  authenticatedAt: new Date(row.authenticated_at),
  idleExpiresAt: new Date(row.idle_expires_at),
  expiresAt: new Date(row.expires_at),
  createdAt: new Date(row.created_at ?? row.authenticated_at),
  updatedAt: new Date(row.updated_at ?? row.authenticated_at),
  lastInteractedAt: new Date(row.last_interacted_at ?? row.authenticated_at),
  clientIds: [...new Set((row.client_ids ?? '').split('\n'))].filter((id) => id !== '') as ClientId[],
  metadata: fromMetadata(row.metadata),
  device: fromDeviceRow(row),
});
