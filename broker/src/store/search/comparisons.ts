import type { RawBuilder } from 'kysely';
import { sql } from 'kysely';
import type { Bound, Match } from '../../core/search.ts';
import { badSearch } from '../../core/search-tokens.ts';
import type { Dialect } from '../dialect.ts';

type Sql = RawBuilder<unknown>;

/** A comparison, and whether an index over the column can answer it. */
export type Comparison = { readonly predicate: Sql; readonly isIndexed: boolean };

/** Sorts after everything that begins with the same text, byte by byte. */
const last = '\u{10FFFF}';

/** Text columns are never null: '' is nothing. `read` brings a value into the form that the column has. */
export function compareText(
  column: Sql,
  match: Match,
  { read, dialect }: { readonly read: (value: string) => string; readonly dialect: Dialect },
): Comparison {
  if (match.kind === 'exists') return { predicate: sql`${column} > ''`, isIndexed: true };
  if (match.kind === 'range') {
    const bounds = [
      ...(match.from === undefined ? [] : [lower(column, match.from, read(match.from.value))]),
      ...(match.to === undefined ? [] : [upper(column, match.to, read(match.to.value))]),
    ];
    return { predicate: sql`(${sql.join([sql`${column} > ''`, ...bounds], sql` and `)})`, isIndexed: true };
  }
  const value = read(match.value);
  switch (match.kind) {
    case 'exact':
      return { predicate: sql`${column} = ${value}`, isIndexed: true };
    case 'prefix':
      return { predicate: sql`(${column} >= ${value} and ${column} < ${value + last})`, isIndexed: true };
    case 'suffix':
      return { predicate: endsWith(dialect, column, value), isIndexed: false };
    case 'infix':
      return { predicate: contains(dialect, column, value), isIndexed: false };
  }
}

/** Numbers, and times in milliseconds; where there may be none it is 0. `read`: the first and the last value that the text stands for. */
export function compareNumber(
  column: Sql,
  match: Match,
  read: (value: string) => readonly [first: number, last: number],
): Comparison {
  if (match.kind === 'exists') return { predicate: sql`${column} <> 0`, isIndexed: false };
  if (match.kind === 'exact') {
    const [from, to] = read(match.value);
    return { predicate: sql`(${column} >= ${from} and ${column} <= ${to})`, isIndexed: true };
  }
  if (match.kind !== 'range') throw badSearch('Numbers and times have no wildcards');
  const { from, to } = match;
  const bounds = [
    ...(from === undefined ? [] : [lower(column, from, read(from.value)[from.isInclusive ? 0 : 1])]),
    ...(to === undefined ? [] : [upper(column, to, read(to.value)[to.isInclusive ? 1 : 0])]),
  ];
  if (bounds.length === 0) return compareNumber(column, { kind: 'exists' }, read);
  return { predicate: sql`(${sql.join(bounds, sql` and `)})`, isIndexed: true };
}

const lower = (column: Sql, { isInclusive }: Bound, value: unknown): Sql =>
  isInclusive ? sql`${column} >= ${value}` : sql`${column} > ${value}`;
const upper = (column: Sql, { isInclusive }: Bound, value: unknown): Sql =>
  isInclusive ? sql`${column} <= ${value}` : sql`${column} < ${value}`;

const endsWith = ({ name }: Dialect, column: Sql, value: string): Sql => {
  const length = [...value].length;
  return name === 'sqlite'
    ? sql`substr(${column}, ${-length}) = ${value}`
    : sql`right(${column}, ${sql.lit(length)}) = ${value}`;
};

const contains = ({ name }: Dialect, column: Sql, value: string): Sql =>
  name === 'sqlite' ? sql`instr(${column}, ${value}) > 0` : sql`strpos(${column}, ${value}) > 0`;

export function readNumber(value: string): readonly [number, number] {
  const number = Number(value);
  if (value.trim() === '' || !Number.isFinite(number)) throw badSearch(`${value.slice(0, 60)} is not a number`);
  return [number, number];
}

/** Of a column of whole numbers: those that are not below it, and not above it. PostgreSQL takes nothing else for such a column. */
export function readCount(value: string): readonly [number, number] {
  const [number] = readNumber(value);
  return [withinColumn(Math.ceil(number)), withinColumn(Math.floor(number))];
}

const withinColumn = (number: number): number => Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, number));

/** A year, a month, a day, a minute or a moment: from its first millisecond to its last. */
export function readTime(value: string): readonly [number, number] {
  const first = /^\d{4}(?:-\d\d(?:-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?Z?)?)?)?$/.test(value)
    ? Date.parse(value.includes('T') && !value.endsWith('Z') ? `${value}Z` : value)
    : Number.NaN;
  if (Number.isNaN(first)) throw badSearch(`${value.slice(0, 60)} is not a date`);
  return [first, endOf(first, value.replace('Z', '').length)];
}

function endOf(first: number, precision: number): number {
  const date = new Date(first);
  if (precision === 4) return Date.UTC(date.getUTCFullYear() + 1, 0) - 1;
  if (precision === 7) return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1) - 1;
  if (precision === 10) return first + 86_400_000 - 1;
  if (precision === 16) return first + 60_000 - 1;
  return precision === 19 ? first + 999 : first;
}

export function readFlag(match: Match): boolean {
  if (match.kind === 'exact' && (match.value === 'true' || match.value === 'false')) return match.value === 'true';
  throw badSearch('The field is true or false');
}
