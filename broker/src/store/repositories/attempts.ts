import type { Selectable } from 'kysely';
import type { StoredAttempt } from '../../core/attempt.ts';
import type { ClientId, ConnectionId, TraceId, UserId } from '../../core/ids.ts';
import { toFlag, toSealed } from '../columns.ts';
import type { RepositoryDeps, Values } from '../compile.ts';
import type { Database } from '../database.ts';
import { nothing, shortLived } from '../outcomes.ts';
import type { Store } from '../store.ts';

type Row = Selectable<Database['attempts']>;

export function createAttempts({ compile }: RepositoryDeps): Store['attempts'] {
  const put = compile('attempts_put', (db, $: Values<Row>) =>
    db
      .insertInto('attempts')
      .values({
        trace_id: $.trace_id,
        at: $.at,
        client_id: $.client_id,
        connection_id: $.connection_id,
        user_id: $.user_id,
        is_failed: $.is_failed,
        sealed_record: $.sealed_record,
        expires_at: $.expires_at,
      })
      .onConflict((conflict) =>
        conflict.column('trace_id').doUpdateSet((row) => ({
          at: row.ref('excluded.at'),
          client_id: row.ref('excluded.client_id'),
          connection_id: row.ref('excluded.connection_id'),
          user_id: row.ref('excluded.user_id'),
          is_failed: row.ref('excluded.is_failed'),
          sealed_record: row.ref('excluded.sealed_record'),
          expires_at: row.ref('excluded.expires_at'),
        })),
      ),
  );
  const find = compile('attempts_find', (db, $: Values<{ trace_id: string }>) =>
    db.selectFrom('attempts').selectAll().where('trace_id', '=', $.trace_id),
  );
  const list = compile('attempts_list', (db, $: Values<{ limit: number }>) =>
    db.selectFrom('attempts').selectAll().orderBy('at', 'desc').limit($.limit),
  );
  const listFailed = compile('attempts_list_failed', (db, $: Values<{ limit: number }>) =>
    db.selectFrom('attempts').selectAll().where('is_failed', '=', 1).orderBy('at', 'desc').limit($.limit),
  );

  return {
    put: (attempt) => put.write(toRow(attempt), nothing, shortLived),
    async find(traceId) {
      const row = await find.first({ trace_id: traceId });
      return row && fromRow(row);
    },
    list: async (limit) => (await list.rows({ limit })).map(fromRow),
    listFailed: async (limit) => (await listFailed.rows({ limit })).map(fromRow),
  };
}

const toRow = (attempt: StoredAttempt): Row => ({
  trace_id: attempt.traceId,
  at: attempt.at.getTime(),
  client_id: attempt.clientId ?? null,
  connection_id: attempt.connectionId ?? null,
  user_id: attempt.userId ?? null,
  is_failed: toFlag(attempt.isFailed),
  sealed_record: attempt.sealedRecord,
  expires_at: attempt.expiresAt.getTime(),
});

const fromRow = (row: Row): StoredAttempt => ({
  traceId: row.trace_id as TraceId,
  at: new Date(row.at),
  clientId: (row.client_id ?? undefined) as ClientId | undefined,
  connectionId: (row.connection_id ?? undefined) as ConnectionId | undefined,
  userId: (row.user_id ?? undefined) as UserId | undefined,
  isFailed: row.is_failed === 1,
  sealedRecord: toSealed(row.sealed_record),
  expiresAt: new Date(row.expires_at),
});
