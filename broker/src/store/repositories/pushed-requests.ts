import type { ClientId, HandleHash } from '../../core/ids.ts';
import type { PushedRequest } from '../../core/session.ts';
import { fromJson, toJson } from '../columns.ts';
import type { RepositoryDeps, Values } from '../compile.ts';
import type { Database } from '../database.ts';
import { nothing, shortLived } from '../outcomes.ts';
import type { Store } from '../store.ts';

type Row = Database['pushed_requests'];

export function createPushedRequests({ compile }: RepositoryDeps): Store['pushedRequests'] {
  const create = compile('pushed_requests_create', (db, $: Values<Row>) =>
    db.insertInto('pushed_requests').values({
      uri_hash: $.uri_hash,
      client_id: $.client_id,
      parameters: $.parameters,
      expires_at: $.expires_at,
    }),
  );
  /** One use, and only for the client that pushed it: another one cannot even spend it. */
  const take = compile('pushed_requests_take', (db, $: Values<Pick<Row, 'uri_hash' | 'client_id'>>) =>
    db
      .deleteFrom('pushed_requests')
      .where('uri_hash', '=', $.uri_hash)
      .where('client_id', '=', $.client_id)
      .returningAll(),
  );

  return {
    create: (request) => create.write(toRow(request), nothing, shortLived),
    take: (uriHash, clientId) =>
      take.write({ uri_hash: uriHash, client_id: clientId }, ([row]) => row && fromRow(row), shortLived),
  };
}

const toRow = (request: PushedRequest): Row => ({
  uri_hash: request.uriHash,
  client_id: request.clientId,
  parameters: toJson(request.parameters),
  expires_at: request.expiresAt.getTime(),
});

const fromRow = (row: Row): PushedRequest => ({
  uriHash: row.uri_hash as HandleHash,
  clientId: row.client_id as ClientId,
  parameters: fromJson<Record<string, string>>(row.parameters),
  expiresAt: new Date(row.expires_at),
});
