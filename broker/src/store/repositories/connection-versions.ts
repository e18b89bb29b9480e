import type { Selectable } from 'kysely';
import type { StoredConnectionVersion } from '../../core/connection.ts';
import type { ConnectionId } from '../../core/ids.ts';
import { toSealed } from '../columns.ts';
import type { RepositoryDeps, Values } from '../compile.ts';
import type { Database } from '../database.ts';
import { nothing } from '../outcomes.ts';
import type { Store } from '../store.ts';

type Row = Selectable<Database['connection_versions']>;

export function createConnectionVersions({ compile }: RepositoryDeps): Store['connectionVersions'] {
  const list = compile('connection_versions_list', (db, $: Values<{ connection_id: string; limit: number }>) =>
    db
      .selectFrom('connection_versions')
      .selectAll()
      .where('connection_id', '=', $.connection_id)
      .orderBy('number', 'desc')
      .limit($.limit),
  );
  const create = compile('connection_versions_create', (db, $: Values<Row>) =>
    db.insertInto('connection_versions').values({
      connection_id: $.connection_id,
      number: $.number,
      at: $.at,
      actor: $.actor,
      sealed_content: $.sealed_content,
    }),
  );
  const trim = compile('connection_versions_trim', (db, $: Values<{ connection_id: string; number: number }>) =>
    db.deleteFrom('connection_versions').where('connection_id', '=', $.connection_id).where('number', '<=', $.number),
  );

  return {
    list: async (id, limit) => (await list.rows({ connection_id: id, limit })).map(fromRow),
    create: (version, keep) =>
      create.write(toRow(version), nothing, {
        after: [trim.command({ connection_id: version.connectionId, number: version.number - keep })],
      }),
  };
}

const toRow = ({ connectionId, number, at, actor, sealedContent }: StoredConnectionVersion): Row => ({
  connection_id: connectionId,
  number,
  at: at.getTime(),
  actor,
  sealed_content: sealedContent,
});

const fromRow = (row: Row): StoredConnectionVersion => ({
  connectionId: row.connection_id as ConnectionId,
  number: row.number,
  at: new Date(row.at),
  actor: row.actor,
  sealedContent: toSealed(row.sealed_content),
});
