import { sql } from 'kysely';
import type { UserId } from '../../core/ids.ts';
import type { Search } from '../../core/search.ts';
import type { RepositoryDeps } from '../compile.ts';
import type { Dialect } from '../dialect.ts';
import { allOf, type Clause, everything, type Source } from './clause.ts';
import { findNarrow, type Narrow } from './narrow.ts';
import { toClause } from './to-clause.ts';
import { sortColumns, userTerm } from './user-fields.ts';
import { userSource } from './user-sources.ts';
import { countUpTo, walk } from './walk.ts';

/** `field` is one of `sortFields`. */
type Sort = { readonly field: string; readonly isDescending: boolean };

export type UserSearch = {
  /** undefined: everybody. */
  readonly search: Search | undefined;
  /** The name of a connection that they have an identity of. */
  readonly connection: string | undefined;
  /** undefined: as they are found. */
  readonly sort: Sort | undefined;
  readonly start: number;
  readonly limit: number;
  /** Counts on to as many as can be paged to. */
  readonly isCounted: boolean;
  /** When it has taken too long. */
  readonly signal: AbortSignal;
};

/** `total` stops at `pageable`, and is undefined where nobody asked. */
export type FoundUsers = { readonly ids: readonly UserId[]; readonly total: number | undefined };

/** Auth0: nobody pages beyond them. */
export const pageable = 1_000;
export const sortFields: readonly string[] = [...sortColumns.keys()];

/** So few are rather sorted than met in the order of the whole table. */
const few = 4_096;
/** To look at so many users in the order of the list costs no more than to find out how many match. */
const patience = 2_000;

type Searching = Pick<RepositoryDeps, 'ask' | 'dialect'> & {
  readonly clause: Clause;
  readonly narrow: () => Promise<Narrow | undefined>;
  readonly signal: AbortSignal;
};

/** Who matches, one page. No statement looks at many users, however many there are. undefined: it took too long. */
export async function findUsers(
  { ask, dialect }: Pick<RepositoryDeps, 'ask' | 'dialect'>,
  asked: UserSearch,
): Promise<FoundUsers | undefined> {
  const { sort, start, limit, isCounted, signal } = asked;
  const clause = clauseOf(asked, userTerm(dialect));
  let narrow: Promise<Narrow | undefined> | undefined;
  const searching: Searching = {
    ask,
    dialect,
    clause,
    signal,
    narrow: () => {
      narrow ??= findNarrow(ask, clause, few);
      return narrow;
    },
  };
  const countable = toCountable(dialect, clause);
  const isCountedApart =
    isCounted && (countable !== undefined || (sort !== undefined && clause.alternatives.length > 0));
  const wanted = isCounted && !isCountedApart ? pageable : start + limit;
  const ids = await (sort === undefined ? findAny(searching, wanted) : findSorted(searching, sort, wanted));
  if (ids === undefined) return undefined;
  const page = ids.slice(start, start + limit);
  if (!isCounted) return { ids: page, total: undefined };
  if (!isCountedApart || ids.length !== wanted) return { ids: page, total: ids.length };
  const total = countable ? await countUpTo(ask, [countable], pageable) : await countFound(searching);
  return total === undefined ? undefined : { ids: page, total };
}

function clauseOf({ search, connection }: UserSearch, term: ReturnType<typeof userTerm>): Clause {
  const parts = [
    ...(search === undefined ? [] : [toClause(search, term)]),
    ...(connection === undefined ? [] : [term('identities.connection', { kind: 'exact', value: connection })]),
  ];
  return parts.length === 0 ? everything : allOf(parts);
}

/** An index with a row for each user who matches, and no others. */
function toCountable(dialect: Dialect, clause: Clause): Source | undefined {
  if (clause === everything) return inOrderOf(dialect, { field: 'created_at', isDescending: false }, clause);
  const [[source, ...others] = []] = clause.alternatives;
  return source?.isExact && source.join === undefined && others.length === 0 ? source : undefined;
}

async function findAny({ ask, dialect, clause, narrow, signal }: Searching, wanted: number) {
  const [only, ...others] = clause.alternatives;
  const sources = others.length === 0 ? only : (await narrow())?.sources;
  const all = inOrderOf(dialect, { field: 'created_at', isDescending: false }, clause);
  return (await walk<UserId>(ask, { clause, sources: sources ?? [all], wanted, signal }))?.ids;
}

/**
 * A page is full soon in the order of the list itself, unless few match. These are sorted; what is left are more than a
 * few, met here and there.
 */
async function findSorted({ ask, dialect, clause, narrow, signal }: Searching, sort: Sort, wanted: number) {
  const walking = { clause, sources: [inOrderOf(dialect, sort, clause)], wanted, signal };
  if (clause.alternatives.length > 0) {
    const soon = await walk<UserId>(ask, { ...walking, patience });
    if (!soon?.isGivenUp) return soon?.ids;
    const narrowest = await narrow();
    if (narrowest !== undefined && narrowest.count < few) {
      const all = await walk<UserId>(ask, { clause, sources: narrowest.sources, wanted: few, signal });
      return all && sortIds({ ask, dialect }, all.ids, sort);
    }
  }
  return (await walk<UserId>(ask, walking))?.ids;
}

const inOrderOf = (dialect: Dialect, { field, isDescending }: Sort, clause: Clause): Source => ({
  ...userSource(dialect, sortColumns.get(field) ?? 'created_at', sql`1 = 1`, isDescending),
  isExact: clause === everything,
});

/** The order is of no matter: along what narrows the search most. */
async function countFound({ ask, clause, narrow, signal }: Searching): Promise<number | undefined> {
  const sources = (await narrow())?.sources ?? [];
  return (await walk(ask, { clause, sources, wanted: pageable, signal }))?.ids.length;
}

async function sortIds(
  { ask, dialect }: Pick<RepositoryDeps, 'ask' | 'dialect'>,
  ids: readonly UserId[],
  { field, isDescending }: Sort,
): Promise<readonly UserId[]> {
  const { key, tie } = userSource(dialect, sortColumns.get(field) ?? 'created_at', sql`1 = 1`);
  const direction = isDescending ? sql`desc` : sql`asc`;
  const rows = await ask(sql<{ id: UserId }>`select users.id as id from users
    where users.id in (select value from ${dialect.eachText(sql`${JSON.stringify(ids)}`)} as wanted)
    order by ${key} ${direction}, ${tie ?? key} ${direction} limit ${pageable}`);
  return rows.map((row) => row.id);
}
