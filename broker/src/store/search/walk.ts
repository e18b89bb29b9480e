import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RawBuilder } from 'kysely';
import { sql } from 'kysely';
import type { RepositoryDeps } from '../compile.ts';
import type { Clause, Source } from './clause.ts';

type Position = { readonly key: unknown; readonly tie?: unknown };
type Row = Position & { readonly id: unknown };

export type Walk = {
  readonly clause: Pick<Clause, 'predicate' | 'weight'>;
  /** What names a row that matches. */
  readonly id: RawBuilder<unknown>;
  readonly sources: readonly Source[];
  /** How many are enough. */
  readonly wanted: number;
  readonly signal: AbortSignal;
};

/** Comparisons of one statement. SQLite holds up the event loop meanwhile: this is a few milliseconds of it. */
const comparisons = 8_000;
const smallest = 50;
const largest = 2_000;

/**
 * The ids of rows that match, in the order of the sources, each once. Looks at so many rows at a time, by their place in the
 * index, so that no statement takes long however many rows there are. undefined: the signal came first.
 */
export async function walk<Id>(ask: RepositoryDeps['ask'], walking: Walk): Promise<Id[] | undefined> {
  const { sources, wanted, signal, clause } = walking;
  const found = new Set<unknown>();
  const most = Math.max(smallest, Math.min(largest, Math.floor(comparisons / clause.weight)));
  for (const source of sources) {
    let from: Position | undefined;
    let count = Math.min(most, Math.max(smallest, wanted));
    for (let isOver = false; !isOver && found.size < wanted; ) {
      if (signal.aborted) return undefined;
      const rows = await ask(chunk(walking, source, { from, count }));
      for (const { id } of rows) if (id !== null) found.add(id);
      from = rows.at(-1);
      isOver = rows.length < count;
      count = Math.min(most, count * 2);
      if (!isOver) await nextTurn();
    }
  }
  return [...found].slice(0, wanted) as Id[];
}

/** How many rows there are to look at; `limit` stands for that many and more. */
export async function countUpTo(
  ask: RepositoryDeps['ask'],
  sources: readonly Source[],
  limit: number,
): Promise<number> {
  let sum = 0;
  for (const { from, where } of sources) {
    const rows = await ask(
      sql<{
        count: number;
      }>`select count(*) as count from (select 1 from ${from} where ${where} limit ${limit - sum}) as counted`,
    );
    sum += Number(rows[0]?.count ?? 0);
    if (sum >= limit) break;
  }
  return sum;
}

function chunk(
  { clause, id }: Walk,
  { from, where, key, tie, isDescending }: Source,
  { from: position, count }: { readonly from: Position | undefined; readonly count: number },
) {
  const direction = isDescending ? sql`desc` : sql`asc`;
  const after = isDescending ? sql`<` : sql`>`;
  if (tie === undefined) {
    const rest = position === undefined ? sql`` : sql` and ${key} ${after} ${position.key}`;
    return sql<Row>`select ${key} as key, case when ${clause.predicate} then ${id} end as id
      from ${from} where ${where}${rest} order by ${key} ${direction} limit ${count}`;
  }
  const rest = position === undefined ? sql`` : sql` and (${key}, ${tie}) ${after} (${position.key}, ${position.tie})`;
  return sql<Row>`select ${key} as key, ${tie} as tie, case when ${clause.predicate} then ${id} end as id
    from ${from} where ${where}${rest} order by ${key} ${direction}, ${tie} ${direction} limit ${count}`;
}
