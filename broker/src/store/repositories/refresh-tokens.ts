import type { Selectable } from 'kysely';
import { sql } from 'kysely';
import type { HandleHash } from '../../core/ids.ts';
import type { RefreshToken } from '../../core/session.ts';
import { fromTime, toFlag, toTime } from '../columns.ts';
import type { RepositoryDeps, Values } from '../compile.ts';
import type { Database } from '../database.ts';
import { countOf, isFound, nothing } from '../outcomes.ts';
import type { Store } from '../store.ts';
import { fromAuthorizationRow, toAuthorizationRow } from './authorization.ts';
import { fromDeviceRow, fromMetadata, type LastColumns, toDeviceRow, toLastRow, toMetadata } from './device.ts';
import { compileConsumption } from './refresh-token-consumption.ts';
import { createRefreshTokenLists } from './refresh-token-lists.ts';

type Row = Selectable<Database['refresh_tokens']>;

export function createRefreshTokens(deps: RepositoryDeps): Store['refreshTokens'] {
  const { compile } = deps;
  const find = compile('refresh_tokens_find', (db, $: Values<{ token_hash: string }>) =>
    db.selectFrom('refresh_tokens').selectAll().where('token_hash', '=', $.token_hash),
  );
  const create = compile('refresh_tokens_create', (db, $: Values<Row>) =>
    db.insertInto('refresh_tokens').values({
      token_hash: $.token_hash,
      id: $.id,
      grant_id: $.grant_id,
      client_id: $.client_id,
      user_id: $.user_id,
      connection_id: $.connection_id,
      sid: $.sid,
      scopes: $.scopes,
      audience: $.audience,
      authenticated_at: $.authenticated_at,
      key_thumbprint: $.key_thumbprint,
      created_at: $.created_at,
      expires_at: $.expires_at,
      idle_expires_at: $.idle_expires_at,
      consumed_at: $.consumed_at,
      successor_id: $.successor_id,
      predecessor_hash: $.predecessor_hash,
      is_rotating: $.is_rotating,
      heir_hash: $.heir_hash,
      last_exchanged_at: $.last_exchanged_at,
      initial_ip: $.initial_ip,
      initial_user_agent: $.initial_user_agent,
      last_ip: $.last_ip,
      last_user_agent: $.last_user_agent,
      metadata: $.metadata,
    }),
  );
  const { claimHeir, consume, createSuccessor, dropOtherMode } = compileConsumption(deps);
  const dropOldest = compile(
    'refresh_tokens_drop_oldest',
    (db, $: Values<{ user_id: string; client_id: string; token_hash: string; others: number }>) =>
      db
        .deleteFrom('refresh_tokens')
        .where('token_hash', 'in', (row) =>
          row
            .selectFrom('refresh_tokens')
            .select('token_hash')
            .where('user_id', '=', $.user_id)
            .where('client_id', '=', $.client_id)
            .where('token_hash', '<>', $.token_hash)
            .where('consumed_at', 'is', null)
            .orderBy('created_at', 'desc')
            .orderBy('token_hash')
            .limit(1_000)
            .offset($.others),
        ),
  );
  const touch = compile(
    'refresh_tokens_touch',
    (db, $: Values<LastColumns & { token_hash: string; idle_expires_at: number | null; at: number }>) =>
      db
        .updateTable('refresh_tokens')
        .set({
          // Forward only, unless the idle expiry is taken away.
          idle_expires_at: sql<number | null>`case
          when cast(${$.idle_expires_at} as bigint) is null then null
          when idle_expires_at > cast(${$.idle_expires_at} as bigint) then idle_expires_at
          else cast(${$.idle_expires_at} as bigint) end`,
          last_exchanged_at: $.at,
          last_ip: $.last_ip,
          last_user_agent: $.last_user_agent,
        })
        .where('token_hash', '=', $.token_hash)
        .where('consumed_at', 'is', null)
        .where((row) =>
          row.not(
            row.exists(
              row
                .selectFrom('revoked_grants')
                .select('revoked_grants.grant_id')
                .whereRef('revoked_grants.grant_id', '=', 'refresh_tokens.grant_id'),
            ),
          ),
        )
        .returningAll(),
  );
  const findOrphan = compile('refresh_tokens_find_orphan', (db, $: Values<{ token_hash: string; client_id: string }>) =>
    db
      .selectFrom('orphaned_refresh_tokens')
      .select('token_hash')
      .where('token_hash', '=', $.token_hash)
      .where('client_id', '=', $.client_id),
  );
  const deleteByGrant = compile('refresh_tokens_delete_by_grant', (db, $: Values<{ grant_id: string }>) =>
    db.deleteFrom('refresh_tokens').where('grant_id', '=', $.grant_id).returning('token_hash'),
  );

  return {
    ...createRefreshTokenLists(deps, fromRow),
    async find(tokenHash) {
      const row = await find.first({ token_hash: tokenHash });
      return row && fromRow(row);
    },
    isOrphaned: async (tokenHash, clientId) =>
      isFound(await findOrphan.rows({ token_hash: tokenHash, client_id: clientId })),
    create(token) {
      const { userId: user_id, clientId: client_id, tokenHash: token_hash } = token;
      return create.write(toRow(token, null), nothing, {
        after: [dropOldest.command({ user_id, client_id, token_hash, others: maxActive - 1 })],
      });
    },
    consume: (tokenHash, { at, successorId, leewaySeconds }) =>
      consume.write(
        {
          token_hash: tokenHash,
          at: at.getTime(),
          successor_id: successorId,
          // Brokers' clocks differ: without leeway not even a consumption in this one's future counts as recent.
          consumed_after: leewaySeconds > 0 ? at.getTime() - leewaySeconds * 1000 : Number.MAX_SAFE_INTEGER,
        },
        firstToken,
        { before: [claimHeir.command({ token_hash: tokenHash })] },
      ),
    createSuccessor: (tokenHash, successor) => createSuccessor.write(toRow(successor, tokenHash), isFound),
    dropOtherMode: (tokenHash, successor) => dropOtherMode.write(toRow(successor, tokenHash), countOf),
    touch: (tokenHash, { idleExpiresAt, at, seenFrom }) =>
      touch.write(
        {
          ...toLastRow(seenFrom),
          token_hash: tokenHash,
          idle_expires_at: toTime(idleExpiresAt),
          at: at.getTime(),
        },
        firstToken,
      ),
    deleteByGrant: (grantId) => deleteByGrant.write({ grant_id: grantId }, countOf),
  };
}

/** Auth0: so many of one person at one client, not counting those that were exchanged. */
const maxActive = 200;

const firstToken = ([row]: readonly Row[]): RefreshToken | undefined => row && fromRow(row);

const toRow = <Predecessor extends HandleHash | null>(token: RefreshToken, predecessorHash: Predecessor) => ({
  ...toAuthorizationRow(token),
  token_hash: token.tokenHash as string,
  id: token.id,
  created_at: token.createdAt.getTime(),
  expires_at: toTime(token.expiresAt),
  idle_expires_at: toTime(token.idleExpiresAt),
  consumed_at: toTime(token.consumedAt),
  successor_id: token.successorId ?? null,
  predecessor_hash: predecessorHash,
  is_rotating: token.isRotating === undefined ? null : toFlag(token.isRotating),
  heir_hash: token.heirHash ?? null,
  last_exchanged_at: toTime(token.lastExchangedAt),
  metadata: toMetadata(token.metadata),
  ...toDeviceRow(token.device),
});

const fromRow = (row: Row): RefreshToken => ({
  ...fromAuthorizationRow(row),
  id: row.id,
  tokenHash: row.token_hash as HandleHash,
  createdAt: new Date(row.created_at),
  expiresAt: fromTime(row.expires_at),
  idleExpiresAt: fromTime(row.idle_expires_at),
  consumedAt: fromTime(row.consumed_at),
  successorId: row.successor_id ?? undefined,
  isRotating: row.is_rotating === null ? undefined : row.is_rotating === 1,
  heirHash: (row.heir_hash ?? undefined) as HandleHash | undefined,
  lastExchangedAt: fromTime(row.last_exchanged_at),
  metadata: fromMetadata(row.metadata),
  device: fromDeviceRow(row),
});
