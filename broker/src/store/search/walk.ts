import { setImmediate as nextTurn } from 'node:timers/promises';
import { sql } from 'kysely';
import type { RepositoryDeps } from '../compile.ts';
import type { Clause, Source } from './clause.ts';

type Position = { readonly key: unknown; readonly tie?: unknown };
type Row = Position & { readonly id: unknown };

export type Walk = {
  readonly clause: Pick<Clause, 'predicate' | 'weight'>;
  readonly sources: readonly Source[];
  /** How many are enough. */
  readonly wanted: number;
  /** Gives up as soon as it looks as if more rows than that had to be looked at. undefined: never. */
  readonly patience?: number;
  readonly signal: AbortSignal;
};

/** `isGivenUp`: there may be others before and after these. */
export type Walked<Id> = { readonly ids: readonly Id[]; readonly isGivenUp: boolean };

/** Comparisons of one statement. SQLite holds up the event loop meanwhile: this is a few milliseconds of it. */
const comparisons = 8_000;
const smallest = 50;
const largest = 2_000;

/**
 * The ids of rows that match, in the order of the sources, each once. Looks at so many rows at a time, by their place in the
 * index, so that no statement takes long however many rows there are. undefined: the signal came first.
 */
export async function walk<Id>(ask: RepositoryDeps['ask'], walking: Walk): Promise<Walked<Id> | undefined> {
  const { sources, wanted, signal, clause, patience = Number.POSITIVE_INFINITY } = walking;
  const found = new Set<unknown>();
  const most = Math.max(smallest, Math.min(largest, Math.floor(comparisons / clause.weight)));
  const answer = (isGivenUp: boolean) => ({ ids: [...found].slice(0, wanted) as Id[], isGivenUp });
  for (const source of sources) {
    let from: Position | undefined;
    let count = Math.min(most, Math.max(smallest, wanted));
    let looked = 0;
    const before = found.size;
    while (found.size < wanted) {
      if (signal.aborted) return undefined;
      const rows = await ask(chunk(clause, source, { from, count }));
      for (const { id } of rows) if (id !== null) found.add(id);
      from = rows.at(-1);
      looked += rows.length;
      if (rows.length < count || found.size >= wanted) break;
      // So many more, if matches go on to be as frequent; a quarter beyond that, as they come irregularly.
      const rest = Math.ceil((1.25 * (wanted - found.size) * looked) / (found.size - before));
      if (looked + rest > patience) return answer(true);
      count = Math.min(most, Math.max(smallest, found.size === before ? count * 2 : rest));
      await nextTurn();
    }
  }
  return answer(false);
}

/**
 * How many rows there are to look at; `limit` stands for that many and more. In the order of their index: PostgreSQL would
 * rather read a table through, which takes long when few rows match after all.
 */
export async function countUpTo(
  ask: RepositoryDeps['ask'],
  sources: readonly Source[],
  limit: number,
): Promise<number> {
  let sum = 0;
  for (const { from, where, key, tie = key } of sources) {
    const rows = await ask(
      sql<{ count: number }>`select count(*) as count from
        (select 1 from ${from} where ${where} order by ${key}, ${tie} limit ${limit - sum}) as counted`,
    );
    sum += Number(rows[0]?.count ?? 0);
    if (sum >= limit) break;
  }
  return sum;
}

function chunk(
  { predicate }: Walk['clause'],
  { from, join = sql``, where, id, key, tie, isDescending, isExact }: Source,
  { from: position, count }: { readonly from: Position | undefined; readonly count: number },
) {
  const direction = isDescending ? sql`desc` : sql`asc`;
  const after = isDescending ? sql`<` : sql`>`;
  const [table, match] = isExact ? [from, id] : [sql`${from} ${join}`, sql`case when ${predicate} then ${id} end`];
  if (tie === undefined) {
    const rest = position === undefined ? sql`` : sql` and ${key} ${after} ${position.key}`;
    return sql<Row>`select ${key} as key, ${match} as id
      from ${table} where ${where}${rest} order by ${key} ${direction} limit ${count}`;
  }
  const rest = position === undefined ? sql`` : sql` and (${key}, ${tie}) ${after} (${position.key}, ${position.tie})`;
  return sql<Row>`select ${key} as key, ${tie} as tie, ${match} as id
    from ${table} where ${where}${rest} order by ${key} ${direction}, ${tie} ${direction} limit ${count}`;
}
