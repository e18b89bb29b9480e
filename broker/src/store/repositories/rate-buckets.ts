import { sql } from 'kysely';
import type { RepositoryDeps, Values } from '../compile.ts';
import { shortLived } from '../outcomes.ts';
import type { Store } from '../store.ts';

type Spending = { id: string; interval: number; capacity: number; now: number };

export function createRateBuckets({ compile }: RepositoryDeps): Store['rateBuckets'] {
  /** One statement: of any number of parallel requests, at any number of brokers, each takes a token of its own. */
  const spend = compile('rate_buckets_spend', (db, $: Values<Spending>) => {
    const now = sql<number>`cast(${$.now} as bigint)`;
    const interval = sql<number>`cast(${$.interval} as bigint)`;
    const next = sql<number>`(case when rate_buckets.full_at > ${now} then rate_buckets.full_at else ${now} end) + ${interval}`;
    return db
      .insertInto('rate_buckets')
      .values({ id: $.id, full_at: sql<number>`${now} + ${interval}` })
      .onConflict((conflict) =>
        conflict
          .column('id')
          .doUpdateSet({ full_at: next })
          .where(sql<number>`${next} - ${now}`, '<=', sql<number>`cast(${$.capacity} as bigint)`),
      )
      .returning('full_at');
  });

  return {
    spend: ({ id, intervalMs, capacityMs }, now) =>
      spend.write(
        { id, interval: intervalMs, capacity: capacityMs, now: now.getTime() },
        (rows) => rows[0]?.full_at,
        shortLived,
      ),
  };
}
