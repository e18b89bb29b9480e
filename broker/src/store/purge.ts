import type { Expression } from 'kysely';
import { sql } from 'kysely';
import type { Backend } from './backend.ts';
import type { RepositoryDeps, Values } from './compile.ts';
import { countOf } from './outcomes.ts';
import type { Store } from './store.ts';

type Limits = { now: number; limit: number };

/** What was rotated and never expires is recognised that long when it comes again; afterwards it is merely unknown. */
const consumedTokensStayMs = 2_592_000_000;
/** An expired device code waits for its device to be told so. */
const deviceCodesStayMs = 3_600_000;

/**
 * Removes what is past its time. Rows of these tables live about equally long, so looking at the oldest `limit` of them
 * finds what has expired without an index on every sign-in's rows.
 */
export function createPurge(
  { compile, dialect }: RepositoryDeps,
  backend: Pick<Backend, 'run'>,
): Store['purgeExpired'] {
  const oldest = (
    table: 'transactions' | 'sessions' | 'codes' | 'attempts' | 'spent_proofs' | 'pushed_requests',
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
    compile('purge_spent_proofs', (db, $: Values<Limits>) =>
      db
        .deleteFrom('spent_proofs')
        .where('proof_hash', 'in', oldest('spent_proofs', 'proof_hash', $))
        .returning('proof_hash'),
    ),
    compile('purge_pushed_requests', (db, $: Values<Limits>) =>
      db
        .deleteFrom('pushed_requests')
        .where('uri_hash', 'in', oldest('pushed_requests', 'uri_hash', $))
        .returning('uri_hash'),
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
    compile('purge_consumed_refresh_tokens', (db, $: Values<Limits>) =>
      db
        .deleteFrom('refresh_tokens')
        .where('token_hash', 'in', (row) =>
          row
            .selectFrom('refresh_tokens')
            .select('token_hash')
            .where('consumed_at', 'is not', null)
            .where(row.fn.coalesce('idle_expires_at', 'expires_at'), 'is', null)
            .where('consumed_at', '<=', sql<number>`cast(${$.now} as bigint) - ${sql.lit(consumedTokensStayMs)}`)
            .limit($.limit),
        )
        .returning('token_hash'),
    ),
    compile('purge_device_codes', (db, $: Values<Limits>) =>
      db
        .deleteFrom('device_codes')
        .where('device_hash', 'in', (row) =>
          row
            .selectFrom('device_codes')
            .select('device_hash')
            .where('expires_at', '<=', sql<number>`cast(${$.now} as bigint) - ${sql.lit(deviceCodesStayMs)}`)
            .limit($.limit),
        )
        .returning('device_hash'),
    ),
    compile('purge_jobs', (db, $: Values<Limits>) =>
      db
        .deleteFrom('jobs')
        .where('id', 'in', (row) => row.selectFrom('jobs').select('id').where('expires_at', '<=', $.now).limit($.limit))
        .returning('id'),
    ),
    compile('purge_session_clients', (db, $: Values<Limits>) =>
      db
        .deleteFrom('session_clients')
        .where('sid', 'in', (row) =>
          row.selectFrom('session_clients').select('sid').where('expires_at', '<=', $.now).limit($.limit),
        )
        .where('expires_at', '<=', $.now)
        .returning('sid'),
    ),
    compile('purge_orphaned_refresh_tokens', (db, $: Values<Limits>) =>
      db
        .deleteFrom('orphaned_refresh_tokens')
        .where('token_hash', 'in', (row) =>
          row
            .selectFrom('orphaned_refresh_tokens')
            .select('token_hash')
            .where('expires_at', '<=', $.now)
            .limit($.limit),
        )
        .returning('token_hash'),
    ),
    compile('purge_rate_buckets', (db, $: Values<Limits>) =>
      db
        .deleteFrom('rate_buckets')
        .where('id', 'in', (row) =>
          row.selectFrom('rate_buckets').select('id').where('full_at', '<=', $.now).limit($.limit),
        )
        .returning('id'),
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

  // Rows of the log come in the order of their time, near enough.
  const logs = compile('purge_logs', (db, $: Values<{ before: number; limit: number }>) =>
    db
      .deleteFrom('logs')
      .where(
        'sequence',
        'in',
        sql<number>`(select sequence from (select sequence, at from logs order by sequence limit ${$.limit}) as oldest
          where at < ${$.before})`,
      )
      .returning('id'),
  );

  return async (now, limit, logsBefore) => {
    const writes = queries.map((query) => query.write({ now: now.getTime(), limit }, countOf));
    if (logsBefore !== undefined) writes.push(logs.write({ before: logsBefore.getTime(), limit }, countOf));
    let count = 0;
    for (const write of writes) {
      const [removed] = await backend.run([write]);
      count += Number(removed);
    }
    return count;
  };
}
