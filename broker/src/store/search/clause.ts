import type { RawBuilder } from 'kysely';
import { sql } from 'kysely';

/** Rows in the order of an index, from which those that match are picked. */
export type Source = {
  /** The table of the index. */
  readonly from: RawBuilder<unknown>;
  /** What brings along the table that predicates are about, if that is another one. */
  readonly join?: RawBuilder<unknown>;
  readonly where: RawBuilder<unknown>;
  /** Names what is looked for, and is a column of `from`. */
  readonly id: RawBuilder<unknown>;
  /** What the index is sorted by, and what keeps equals in order. */
  readonly key: RawBuilder<unknown>;
  /** undefined: no two have the same key. */
  readonly tie: RawBuilder<unknown> | undefined;
  readonly isDescending: boolean;
  /** All its rows match: there is nothing else to compare. */
  readonly isExact: boolean;
};

/** A search as SQL. */
export type Clause = {
  readonly predicate: RawBuilder<unknown>;
  /** How many comparisons it takes to judge one row. */
  readonly weight: number;
  /** Each by itself has every row that matches. None: only looking at all rows finds them. */
  readonly alternatives: readonly (readonly Source[])[];
};

const mostSources = 24;

export const everything: Clause = { predicate: sql`1 = 1`, weight: 1, alternatives: [] };

export function allOf(parts: readonly Clause[]): Clause {
  const [only, ...others] = parts;
  if (only !== undefined && others.length === 0) return only;
  return {
    predicate: join(parts, sql` and `),
    weight: weigh(parts),
    alternatives: parts.flatMap(({ alternatives }) => alternatives.map(withOthers)),
  };
}

export function anyOf(parts: readonly Clause[]): Clause {
  const firsts = parts.map(({ alternatives: [first] }) => first);
  const sources = firsts.flatMap((first) => first ?? []);
  const isCovered = firsts.every((first) => first !== undefined) && sources.length <= mostSources;
  return { predicate: join(parts, sql` or `), weight: weigh(parts), alternatives: isCovered ? [sources] : [] };
}

export const not = ({ predicate, weight }: Clause): Clause => ({
  predicate: sql`not ${predicate}`,
  weight,
  alternatives: [],
});

const withOthers = (sources: readonly Source[]) => sources.map((source) => ({ ...source, isExact: false }));

const join = (parts: readonly Clause[], separator: RawBuilder<unknown>) =>
  sql`(${sql.join(
    parts.map(({ predicate }) => predicate),
    separator,
  )})`;

const weigh = (parts: readonly Clause[]): number => parts.reduce((sum, { weight }) => sum + weight, 0);
