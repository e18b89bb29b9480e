import type { AliasableExpression, Selectable } from 'kysely';
import { sql } from 'kysely';
import type { RepositoryDeps, Values } from '../compile.ts';
import type { Database } from '../database.ts';

type Row = Selectable<Database['refresh_tokens']>;
type ConsumeValues = { token_hash: string; at: number; successor_id: string; consumed_after: number };

const columns = [
  'token_hash',
  'id',
  'grant_id',
  'client_id',
  'user_id',
  'connection_id',
  'sid',
  'scopes',
  'audience',
  'authenticated_at',
  'key_thumbprint',
  'created_at',
  'expires_at',
  'idle_expires_at',
  'consumed_at',
  'successor_id',
  'predecessor_hash',
  'is_rotating',
  'last_exchanged_at',
  'initial_ip',
  'initial_user_agent',
  'last_ip',
  'last_user_agent',
] as const;

/**
 * The exchange of a rotating token. Of parallel exchanges the first finds the row unconsumed and the others do not: the
 * condition is checked by the statement that writes. `consumed_at` keeps the first time, so leeway cannot be stretched.
 */
export function compileConsumption({ compile }: RepositoryDeps) {
  /** Of several successors of one token the first that is used is its heir. The lock on their common row decides. */
  const claimHeir = compile('refresh_tokens_claim_heir', (db, $: Values<{ token_hash: string }>) =>
    db
      .updateTable('refresh_tokens')
      .set({ heir_hash: $.token_hash })
      .where('heir_hash', 'is', null)
      .where('token_hash', '=', (row) =>
        row
          .selectFrom('refresh_tokens as successor')
          .select('successor.predecessor_hash')
          .where('successor.token_hash', '=', $.token_hash),
      ),
  );

  const consume = compile('refresh_tokens_consume', (db, $: Values<ConsumeValues>) =>
    db
      .updateTable('refresh_tokens')
      .set((row) => ({ consumed_at: row.fn.coalesce('consumed_at', $.at), successor_id: $.successor_id }))
      .where('token_hash', '=', $.token_hash)
      .where((row) => row.or([row('expires_at', 'is', null), row('expires_at', '>', $.at)]))
      .where((row) => row.or([row('idle_expires_at', 'is', null), row('idle_expires_at', '>', $.at)]))
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
      .where((row) =>
        row.not(
          row.exists(
            row
              .selectFrom('refresh_tokens as predecessor')
              .select('predecessor.id')
              .whereRef('predecessor.token_hash', '=', 'refresh_tokens.predecessor_hash')
              .whereRef('predecessor.heir_hash', '<>', 'refresh_tokens.token_hash'),
          ),
        ),
      )
      .where((row) =>
        row.or([
          row('consumed_at', 'is', null),
          row.and([
            row('consumed_at', '>', $.consumed_after),
            row('heir_hash', 'is', null),
            row.not(
              row.exists(
                row
                  .selectFrom('refresh_tokens as successor')
                  .select('successor.id')
                  .whereRef('successor.grant_id', '=', 'refresh_tokens.grant_id')
                  .whereRef('successor.predecessor_hash', '=', 'refresh_tokens.token_hash')
                  .where('successor.consumed_at', 'is not', null),
              ),
            ),
          ]),
        ]),
      )
      .returningAll(),
  );

  const createSuccessor = compile(
    'refresh_tokens_create_successor',
    (db, $: Values<Row & { predecessor_hash: string }>) => {
      const value = (column: (typeof columns)[number]): AliasableExpression<unknown> => $[column];
      return db
        .insertInto('refresh_tokens')
        .columns([...columns, 'metadata'])
        .expression((row) =>
          row
            .selectFrom('refresh_tokens as predecessor')
            .select(columns.map((column) => value(column).as(column)))
            // Of the row that is consumed, so that a change of it in between is not lost.
            .select('predecessor.metadata')
            .where('predecessor.token_hash', '=', $.predecessor_hash)
            .where('predecessor.successor_id', '=', $.id),
        )
        .returning('id');
    },
  );

  /** Nothing is dropped where the successor was not made. */
  const dropOtherMode = compile('refresh_tokens_drop_other_mode', (db, $: Values<Row & { predecessor_hash: string }>) =>
    db
      .deleteFrom('refresh_tokens')
      .where('user_id', '=', $.user_id)
      .where('client_id', '=', $.client_id)
      .where(sql<boolean>`audience is not distinct from cast(${$.audience} as text)`)
      .where(sql<boolean>`is_rotating is distinct from cast(${$.is_rotating} as bigint)`)
      .where('token_hash', 'not in', [$.predecessor_hash, $.token_hash])
      .where((row) =>
        row.exists(
          row
            .selectFrom('refresh_tokens as successor')
            .select('successor.id')
            .where('successor.token_hash', '=', $.token_hash),
        ),
      )
      .returning('token_hash'),
  );

  return { claimHeir, consume, createSuccessor, dropOtherMode };
}
