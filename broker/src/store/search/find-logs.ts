import { sql } from 'kysely';
import type { Search } from '../../core/search.ts';
import type { RepositoryDeps } from '../compile.ts';
import { allOf, type Clause, everything, type Source } from './clause.ts';
import { type LogNames, logSource, logTerm } from './log-fields.ts';
import { toClause } from './to-clause.ts';
import { countUpTo, walk } from './walk.ts';

export type LogSearch = {
  readonly search: Search | undefined;
  /** undefined: anybody's, and nobody's. */
  readonly userId: string | undefined;
  /** Applications and connections are written down by id, and looked for by name too. */
  readonly names: LogNames;
  readonly isNewestFirst: boolean;
  readonly start: number;
  readonly limit: number;
  readonly signal: AbortSignal;
};

/** So many of a kind are a walk of their own; more are met soon enough on the way through all. */
const few = 20_000;

/** The ids of one page of log events by age. undefined: it took too long. */
export async function findLogs(
  { ask, dialect }: Pick<RepositoryDeps, 'ask' | 'dialect'>,
  { search, userId, names, isNewestFirst, start, limit, signal }: LogSearch,
): Promise<readonly string[] | undefined> {
  const term = logTerm(dialect, names, isNewestFirst);
  const parts = [
    ...(search === undefined ? [] : [toClause(search, term)]),
    ...(userId === undefined ? [] : [term('user_id', { kind: 'exact', value: userId })]),
  ];
  const clause: Clause = parts.length === 0 ? everything : allOf(parts);
  const sources = (await findNarrow(ask, clause)) ?? [logSource(sql`1 = 1`, isNewestFirst)];
  const wanted = start + limit;
  const walked = await walk<string>(ask, { clause, sources, wanted, signal });
  return walked?.ids.slice(start, start + limit);
}

/** One index that gives them in order; several would have to be merged. */
async function findNarrow(
  ask: RepositoryDeps['ask'],
  { alternatives }: Clause,
): Promise<readonly Source[] | undefined> {
  const single = alternatives.filter(({ length }) => length === 1).slice(0, 4);
  const [only, ...others] = single;
  if (others.length === 0) return only;
  for (const sources of single) {
    if ((await countUpTo(ask, sources, few)) < few) return sources;
  }
  return only;
}
