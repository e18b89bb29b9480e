import type { Selectable } from 'kysely';
import { sql } from 'kysely';
import type { TraceId } from '../../core/ids.ts';
import type { LogEvent } from '../../core/log-event.ts';
import { fromJson, toJson, toStorable } from '../columns.ts';
import type { RepositoryDeps, Values } from '../compile.ts';
import type { Database } from '../database.ts';
import type { StoredLogs } from '../log-queue.ts';
import { nothing, shortLived } from '../outcomes.ts';
import { findLogs } from '../search/find-logs.ts';
import { isTraced } from '../search/log-fields.ts';

type Row = Omit<Selectable<Database['logs']>, 'sequence'>;

/** The members of a row, for those that come many at once. */
const columns = {
  id: 'text',
  type: 'text',
  at: 'integer',
  trace_id: 'text',
  client_id: 'text',
  connection_id: 'text',
  user_id: 'text',
  user_name: 'text',
  ip: 'text',
  user_agent: 'text',
  description: 'text',
  details: 'text',
} as const satisfies Record<keyof Row, 'text' | 'integer'>;
const names = Object.keys(columns) as (keyof Row)[];

export function createLogs({ compile, dialect, ask }: RepositoryDeps): StoredLogs {
  const create = compile('logs_create', (db, $: Values<Row>) =>
    db.insertInto('logs').values({
      id: $.id,
      type: $.type,
      at: $.at,
      trace_id: $.trace_id,
      client_id: $.client_id,
      connection_id: $.connection_id,
      user_id: $.user_id,
      user_name: $.user_name,
      ip: $.ip,
      user_agent: $.user_agent,
      description: $.description,
      details: $.details,
    }),
  );
  const createAll = compile('logs_create_all', (db, $: Values<{ rows: string }>) =>
    db
      .insertInto('logs')
      .columns(names)
      .expression(
        sql`select ${sql.join(names.map((name) => sql.ref(name)))} from ${dialect.eachTuple($.rows, columns)} as rows`,
      ),
  );
  const find = compile('logs_find', (db, $: Values<{ id: string }>) =>
    db.selectFrom('logs').selectAll().where('id', '=', $.id),
  );
  const listByTrace = compile('logs_list_by_trace', (db, $: Values<{ trace_id: string }>) =>
    db.selectFrom('logs').selectAll().where('trace_id', '=', $.trace_id).where(isTraced).orderBy('sequence'),
  );
  const list = compile('logs_list', (db, $: Values<{ limit: number }>) =>
    db.selectFrom('logs').selectAll().orderBy('sequence', 'desc').limit($.limit),
  );
  const listAfter = compile('logs_list_after', (db, $: Values<{ id: string; limit: number }>) =>
    db
      .selectFrom('logs')
      .selectAll()
      .where('sequence', '>', (row) =>
        row.fn.coalesce(row.selectFrom('logs').select('sequence').where('id', '=', $.id), sql.lit(0)),
      )
      .orderBy('sequence')
      .limit($.limit),
  );
  const listByIds = compile('logs_list_by_ids', (db, $: Values<{ ids: string }>) =>
    db
      .selectFrom('logs')
      .selectAll()
      .where('id', 'in', sql<string>`(select value from ${dialect.eachText($.ids)} as wanted)`),
  );

  return {
    async search(search) {
      const ids = await findLogs({ ask, dialect }, search);
      if (ids === undefined) return undefined;
      const events = new Map((await listByIds.rows({ ids: toJson(ids) })).map((row) => [row.id, fromRow(row)]));
      return ids.flatMap((id) => events.get(id) ?? []);
    },
    listAfter: async (id, limit) => (await listAfter.rows({ id: id ?? '', limit })).map(fromRow),
    create: (event) => create.write(toRow(event), nothing),
    createAll: (events) => createAll.write({ rows: toJson(events.map(toTuple)) }, nothing, shortLived),
    async find(id) {
      const row = await find.first({ id });
      return row && fromRow(row);
    },
    listByTrace: async (traceId) => (await listByTrace.rows({ trace_id: traceId })).map(fromRow),
    list: async (limit) => (await list.rows({ limit })).map(fromRow),
  };
}

/** Requests put anything here, and a failed attempt must be logged whatever it sent. */
const toText = (text: string | undefined): string | null => (text === undefined ? null : toStorable(text));

const toRow = (event: LogEvent): Row => ({
  id: event.id,
  type: event.type,
  at: event.at.getTime(),
  trace_id: event.traceId,
  client_id: toText(event.clientId),
  connection_id: toText(event.connectionId),
  user_id: toText(event.userId),
  user_name: toText(event.userName),
  ip: toText(event.ip),
  user_agent: toText(event.userAgent),
  description: toText(event.description),
  details: toJson(event.details),
});

/** In the order of `columns`. */
const toTuple = (event: LogEvent) => {
  const row = toRow(event);
  return names.map((name) => row[name]);
};

const fromRow = (row: Row): LogEvent => ({
  id: row.id,
  type: row.type,
  at: new Date(row.at),
  traceId: row.trace_id as TraceId,
  clientId: row.client_id ?? undefined,
  connectionId: row.connection_id ?? undefined,
  userId: row.user_id ?? undefined,
  userName: row.user_name ?? undefined,
  ip: row.ip ?? undefined,
  userAgent: row.user_agent ?? undefined,
  description: row.description ?? undefined,
  details: fromJson(row.details),
});
