import type { Expression } from 'kysely';
import { sql } from 'kysely';
import type { Backend } from './backend.ts';
import type { RepositoryDeps, Values } from './compile.ts';
import { countOf } from './outcomes.ts';

type Limits = { now: number; limit: number };

/**
 * Removes what is past its time. Rows of these tables live about equally long, so looking at the oldest `limit` of them
 * finds what has expired without an index on every sign-in's rows.
 */
export function createPurge(
  { compile, dialect }: RepositoryDeps,
  backend: Pick<Backend, 'run'>,
): (now: Date, limit: number) => Promise<number> {
  const oldest = (
    table: 'transactions' | 'sessions' | 'codes' | 'attempts',
    key: string,
    $: Values<Limits>,
  ): Expression<string> =>
    sql`(select key from (select ${sql.ref(key)} as key, expires_at from ${sql.table(table)}
      order by ${dialect.byAge('expires_at')} limit ${$.limit}) as oldest where expires_at <= ${$.now})`;

  const queries = [
    compile('purge_transactions', (db, $: Values<Limits>) =>
      db
        .deleteFrom('transactions')
        .where('state_hash', 'in', oldest('transactions', 'state_hash', $))
        .returning('state_hash'),
    ),
    compile('purge_sessions', (db, $: Values<Limits>) =>
      db
        .deleteFrom('sessions')
        .where('handle_hash', 'in', oldest('sessions', 'handle_hash', $))
        .returning('handle_hash'),
    ),
    compile('purge_codes', (db, $: Values<Limits>) =>
      db
        .deleteFrom('codes')
        .where('code_hash', 'in', oldest('codes', 'code_hash', $))
        .returning('code_hash'),
    ),
    compile('purge_attempts', (db, $: Values<Limits>) =>
      db
        .deleteFrom('attempts')
        .where('trace_id', 'in', oldest('attempts', 'trace_id', $))
        .returning('trace_id'),
    ),
    compile('purge_refresh_tokens', (db, $: Values<Limits>) =>
      db
        .deleteFrom('refresh_tokens')
        .where('token_hash', 'in', (row) =>
          row
            .selectFrom('refresh_tokens')
            .select('token_hash')
            .where(row.fn.coalesce('idle_expires_at', 'expires_at'), '<=', $.now)
            .limit($.limit),
        )
        .returning('token_hash'),
    ),
    compile('purge_revoked_grants', (db, $: Values<Limits>) =>
      db
        .deleteFrom('revoked_grants')
        .where('grant_id', 'in', (row) =>
          row.selectFrom('revoked_grants').select('grant_id').where('expires_at', '<=', $.now).limit($.limit),
        )
        .returning('grant_id'),
    ),
  ];

  return async (now, limit) => {
    let count = 0;
    for (const query of queries) {
      const [removed] = await backend.run([query.write({ now: now.getTime(), limit }, countOf)]);
      count += Number(removed);
    }
    return count;
  };
}
