import { sql } from 'kysely';
import type { UserId } from '../../core/ids.ts';
import type { Search } from '../../core/search.ts';
import type { RepositoryDeps } from '../compile.ts';
import { allOf, type Clause, everything, type Source } from './clause.ts';
import { toClause } from './to-clause.ts';
import { sortColumns, userSource, userTerm } from './user-fields.ts';
import { countUpTo, type Walk, walk } from './walk.ts';

export type UserSearch = {
  /** undefined: everybody. */
  readonly search: Search | undefined;
  /** The name of a connection that they have an identity of. */
  readonly connection: string | undefined;
  /** `field` is one of `sortFields`; undefined: as they are found. */
  readonly sort: { readonly field: string; readonly isDescending: boolean } | undefined;
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
const mostProbes = 4;

/**
 * Who matches, one page. What narrows the search most is walked; a sorted list of many is walked in its order, so that a
 * page is found as soon as it is full, however many match. undefined: it took too long.
 */
export async function findUsers(
  { ask, dialect }: Pick<RepositoryDeps, 'ask' | 'dialect'>,
  asked: UserSearch,
): Promise<FoundUsers | undefined> {
  const { sort, start, limit, signal, isCounted } = asked;
  const clause = clauseOf(asked, userTerm(dialect));
  const id = sql`users.id`;
  const narrow = await findNarrow(ask, clause, sort !== undefined);
  let ids: UserId[] | undefined;
  if (sort !== undefined && narrow?.isSmall) {
    const all = await walk<UserId>(ask, { clause, id, sources: narrow.sources, wanted: few, signal });
    ids = all && (await inOrder({ ask, dialect }, all, sort));
  } else {
    const inOrderOf = sort ?? { field: 'created_at', isDescending: false };
    const column = sortColumns.get(inOrderOf.field) ?? 'created_at';
    const whole = userSource(dialect, column, sql`1 = 1`, inOrderOf.isDescending);
    const sources = sort === undefined && narrow !== undefined ? narrow.sources : [whole];
    const isCountedApart = isCounted && sort !== undefined && narrow !== undefined;
    const wanted = isCounted && !isCountedApart ? pageable : start + limit;
    ids = await walk<UserId>(ask, { clause, id, sources, wanted, signal });
    if (isCountedApart && ids !== undefined) {
      const total = await countFound(ask, { clause, id, sources: narrow.sources, wanted: pageable, signal });
      return total === undefined ? undefined : { ids: ids.slice(start, start + limit), total };
    }
  }
  if (ids === undefined) return undefined;
  return { ids: ids.slice(start, start + limit), total: isCounted ? Math.min(ids.length, pageable) : undefined };
}

/** Where the order is of no matter, along what narrows the search most. */
async function countFound(ask: RepositoryDeps['ask'], walking: Walk & { readonly clause: Clause }) {
  if (walking.clause.isExact === true) return countUpTo(ask, walking.sources, walking.wanted);
  return (await walk(ask, walking))?.length;
}

function clauseOf({ search, connection }: UserSearch, term: ReturnType<typeof userTerm>): Clause {
  const parts = [
    ...(search === undefined ? [] : [toClause(search, term)]),
    ...(connection === undefined ? [] : [term('identities.connection', { kind: 'exact', value: connection })]),
  ];
  return parts.length === 0 ? everything : allOf(parts);
}

/** The alternative with the fewest rows to look at. Counting costs no more than a few times what it finds. */
async function findNarrow(
  ask: RepositoryDeps['ask'],
  { alternatives }: Clause,
  mustKnowSize: boolean,
): Promise<{ readonly sources: readonly Source[]; readonly isSmall: boolean } | undefined> {
  const probed = alternatives.slice(0, mostProbes);
  const [first] = probed;
  if (first === undefined) return undefined;
  if (probed.length === 1 && !mustKnowSize) return { sources: first, isSmall: false };
  for (const limit of [few / 64, few / 8, few]) {
    for (const sources of probed) {
      if ((await countUpTo(ask, sources, limit)) < limit) return { sources, isSmall: true };
    }
  }
  return { sources: first, isSmall: false };
}

async function inOrder(
  { ask, dialect }: Pick<RepositoryDeps, 'ask' | 'dialect'>,
  ids: readonly UserId[],
  { field, isDescending }: NonNullable<UserSearch['sort']>,
): Promise<UserId[]> {
  const { key, tie } = userSource(dialect, sortColumns.get(field) ?? 'created_at', sql`1 = 1`);
  const direction = isDescending ? sql`desc` : sql`asc`;
  const rows = await ask(sql<{ id: UserId }>`select users.id as id from users
    where users.id in (select value from ${dialect.eachText(sql`${JSON.stringify(ids)}`)} as wanted)
    order by ${key} ${direction}, ${tie ?? key} ${direction} limit ${pageable}`);
  return rows.map((row) => row.id);
}
