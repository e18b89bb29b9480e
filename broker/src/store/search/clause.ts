import type { RawBuilder } from 'kysely';
import { sql } from 'kysely';

/** Rows in the order of an index, from which those that match are picked. */
export type Source = {
  /** `users`, or another table joined with it. */
  readonly from: RawBuilder<unknown>;
  readonly where: RawBuilder<unknown>;
  /** What the index is sorted by, and what keeps equals in order. */
  readonly key: RawBuilder<unknown>;
  /** undefined: no two have the same key. */
  readonly tie: RawBuilder<unknown> | undefined;
  readonly isDescending: boolean;
};

/** A search as SQL. */
export type Clause = {
  readonly predicate: RawBuilder<unknown>;
  /** How many comparisons it takes to judge one row. */
  readonly weight: number;
  /** Each by itself has every row that matches. None: only looking at all rows finds them. */
  readonly alternatives: readonly (readonly Source[])[];
  /** The only alternative has no other rows either: counting it is counting what matches. */
  readonly isExact?: boolean;
};

const mostSources = 24;

export const everything: Clause = { predicate: sql`1 = 1`, weight: 1, alternatives: [] };

export function allOf(parts: readonly Clause[]): Clause {
  const [only, ...others] = parts;
  if (only !== undefined && others.length === 0) return only;
  return {
    predicate: join(parts, sql` and `),
    weight: weigh(parts),
    alternatives: parts.flatMap(({ alternatives }) => alternatives),
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

const join = (parts: readonly Clause[], separator: RawBuilder<unknown>) =>
  sql`(${sql.join(
    parts.map(({ predicate }) => predicate),
    separator,
  )})`;

const weigh = (parts: readonly Clause[]): number => parts.reduce((sum, { weight }) => sum + weight, 0);
