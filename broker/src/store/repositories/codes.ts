import type { Selectable } from 'kysely';
import type { CustomClaims } from '../../core/action.ts';
import type { HandleHash, TraceId } from '../../core/ids.ts';
import type { Code } from '../../core/session.ts';
import { fromJson, fromTime, toFlag, toJson, toTime } from '../columns.ts';
import type { RepositoryDeps, Values } from '../compile.ts';
import type { Database } from '../database.ts';
import { nothing, shortLived } from '../outcomes.ts';
import type { Store } from '../store.ts';
import { fromAuthorizationRow, toAuthorizationRow } from './authorization.ts';
import { isWaiting, toWaitingValues, type WaitingValues } from './waiting-codes.ts';

type Row = Selectable<Database['codes']>;

export function createCodes({ compile }: RepositoryDeps): Store['codes'] {
  const create = compile('codes_create', (db, $: Values<Row>) =>
    db.insertInto('codes').values({
      code_hash: $.code_hash,
      grant_id: $.grant_id,
      client_id: $.client_id,
      user_id: $.user_id,
      connection_id: $.connection_id,
      sid: $.sid,
      scopes: $.scopes,
      audience: $.audience,
      authenticated_at: $.authenticated_at,
      key_thumbprint: $.key_thumbprint,
      redirect_uri: $.redirect_uri,
      is_redirect_uri_explicit: $.is_redirect_uri_explicit,
      challenge: $.challenge,
      challenge_method: $.challenge_method,
      nonce: $.nonce,
      trace_id: $.trace_id,
      asks_auth_time: $.asks_auth_time,
      claims: $.claims,
      created_at: $.created_at,
      expires_at: $.expires_at,
      consumed_at: $.consumed_at,
    }),
  );
  /** One use: of any number of parallel exchanges one finds the row unconsumed. */
  const consume = compile('codes_consume', (db, $: Values<{ code_hash: string; at: number }>) =>
    db
      .updateTable('codes')
      .set({ consumed_at: $.at })
      .where('code_hash', '=', $.code_hash)
      .where('consumed_at', 'is', null)
      .returningAll(),
  );
  const deleteWaiting = compile('codes_delete_waiting', (db, $: Values<WaitingValues>) =>
    db
      .deleteFrom('codes')
      .where(isWaiting($, (name) => name))
      .where('consumed_at', 'is', null),
  );
  const find = compile('codes_find', (db, $: Values<{ code_hash: string }>) =>
    db.selectFrom('codes').selectAll().where('code_hash', '=', $.code_hash),
  );

  return {
    create: (code) => create.write(toRow(code), nothing, shortLived),
    consume: (codeHash, at) =>
      consume.write({ code_hash: codeHash, at: at.getTime() }, ([row]) => row && fromRow(row), shortLived),
    async find(codeHash) {
      const row = await find.first({ code_hash: codeHash });
      return row && fromRow(row);
    },
    deleteWaiting: (waiting) => deleteWaiting.write(toWaitingValues(waiting), nothing),
  };
}

const toRow = (code: Code): Row => ({
  ...toAuthorizationRow(code),
  code_hash: code.codeHash,
  redirect_uri: code.redirectUri,
  is_redirect_uri_explicit: toFlag(code.isRedirectUriExplicit),
  challenge: code.challenge ?? null,
  challenge_method: code.challengeMethod ?? null,
  nonce: code.nonce ?? null,
  trace_id: code.traceId,
  asks_auth_time: toFlag(code.asksAuthTime),
  claims: code.claims === undefined ? null : toJson(code.claims),
  created_at: code.createdAt.getTime(),
  expires_at: code.expiresAt.getTime(),
  consumed_at: toTime(code.consumedAt),
});

const fromRow = (row: Row): Code => ({
  ...fromAuthorizationRow(row),
  codeHash: row.code_hash as HandleHash,
  redirectUri: row.redirect_uri,
  isRedirectUriExplicit: row.is_redirect_uri_explicit === 1,
  challenge: row.challenge ?? undefined,
  challengeMethod: (row.challenge_method ?? undefined) as Code['challengeMethod'],
  nonce: row.nonce ?? undefined,
  traceId: row.trace_id as TraceId,
  asksAuthTime: row.asks_auth_time === 1,
  claims: row.claims === null ? undefined : fromJson<CustomClaims>(row.claims),
  createdAt: new Date(row.created_at),
  expiresAt: new Date(row.expires_at),
  consumedAt: fromTime(row.consumed_at),
});
