import type { Selectable } from 'kysely';
import type { ClientId, ConnectionId, HandleHash, TraceId } from '../../core/ids.ts';
import type { Transaction } from '../../core/session.ts';
import { fromJson, toJson } from '../columns.ts';
import type { RepositoryDeps, Values } from '../compile.ts';
import type { Database } from '../database.ts';
import { isFound, nothing, shortLived } from '../outcomes.ts';
import type { Store } from '../store.ts';

type Row = Selectable<Database['transactions']>;

export function createTransactions({ compile }: RepositoryDeps): Store['transactions'] {
  const create = compile('transactions_create', (db, $: Values<Row>) =>
    db.insertInto('transactions').values({
      state_hash: $.state_hash,
      browser_hash: $.browser_hash,
      trace_id: $.trace_id,
      client_id: $.client_id,
      connection_id: $.connection_id,
      request: $.request,
      created_at: $.created_at,
      expires_at: $.expires_at,
    }),
  );
  const find = compile('transactions_find', (db, $: Values<{ state_hash: string }>) =>
    db.selectFrom('transactions').selectAll().where('state_hash', '=', $.state_hash),
  );
  const depart = compile(
    'transactions_depart',
    (db, $: Values<Pick<Row, 'state_hash' | 'connection_id' | 'request' | 'expires_at'>>) =>
      db
        .updateTable('transactions')
        .set({ connection_id: $.connection_id, request: $.request, expires_at: $.expires_at })
        .where('state_hash', '=', $.state_hash)
        .returning('state_hash'),
  );
  const take = compile('transactions_take', (db, $: Values<{ state_hash: string }>) =>
    db.deleteFrom('transactions').where('state_hash', '=', $.state_hash).returningAll(),
  );
  const deleteByBrowser = compile('transactions_delete_by_browser', (db, $: Values<{ browser_hash: string }>) =>
    db.deleteFrom('transactions').where('browser_hash', '=', $.browser_hash),
  );

  return {
    create: (transaction) => create.write(toRow(transaction), nothing, shortLived),
    async find(stateHash) {
      const row = await find.first({ state_hash: stateHash });
      return row && fromRow(row);
    },
    depart(transaction) {
      const { state_hash, connection_id, request, expires_at } = toRow(transaction);
      return depart.write({ state_hash, connection_id, request, expires_at }, isFound, shortLived);
    },
    take: (stateHash) => take.write({ state_hash: stateHash }, ([row]) => row && fromRow(row), shortLived),
    deleteByBrowser: (browserHash) => deleteByBrowser.write({ browser_hash: browserHash }, nothing, shortLived),
  };
}

const toRow = (transaction: Transaction): Row => ({
  state_hash: transaction.stateHash,
  browser_hash: transaction.browserHash,
  trace_id: transaction.traceId,
  client_id: transaction.clientId,
  connection_id: transaction.connectionId ?? null,
  request: toJson(transaction.request),
  created_at: transaction.createdAt.getTime(),
  expires_at: transaction.expiresAt.getTime(),
});

const fromRow = (row: Row): Transaction => ({
  stateHash: row.state_hash as HandleHash,
  browserHash: row.browser_hash as HandleHash,
  traceId: row.trace_id as TraceId,
  clientId: row.client_id as ClientId,
  connectionId: (row.connection_id ?? undefined) as ConnectionId | undefined,
  request: fromJson(row.request),
  createdAt: new Date(row.created_at),
  expiresAt: new Date(row.expires_at),
});
