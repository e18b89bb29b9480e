import { sql } from 'kysely';
import type { Match } from '../../core/search.ts';
import { badSearch, wildcard } from '../../core/search-tokens.ts';
import type { Dialect } from '../dialect.ts';
import { cut, fold } from '../user-keys.ts';
import { anyOf, type Clause, everything } from './clause.ts';
import {
  type Comparison,
  compareNumber,
  compareText,
  readCount,
  readFlag,
  readNumber,
  readTime,
} from './comparisons.ts';
import { identityTerm } from './identity-fields.ts';
import type { ToTerm } from './to-clause.ts';
import { hasRow, termSource, userSource } from './user-sources.ts';

/*
 * What users are searched by. A field is looked up here and nowhere else: what is not in the catalogue is a path into the
 * profile, whose terms never hold a token or a secret.
 */

const textColumns = new Map([
  ['user_id', { column: 'id', read: cut }],
  ['email', { column: 'email_key', read: fold }],
  ['email.domain', { column: 'email_domain', read: fold }],
  ['name', { column: 'name_key', read: fold }],
  ['given_name', { column: 'given_name_key', read: fold }],
  ['family_name', { column: 'family_name_key', read: fold }],
  ['nickname', { column: 'nickname_key', read: fold }],
]);

const numberColumns = new Map([
  ['created_at', { column: 'created_at', read: readTime }],
  ['updated_at', { column: 'updated_at', read: readTime }],
  ['last_login', { column: 'last_login_order', read: readTime }],
  ['logins_count', { column: 'logins_count', read: readCount }],
]);

/** What a word without a field is looked for in. */
const bareFields = ['user_id', 'email', 'name', 'given_name', 'family_name', 'nickname'];

/** The columns that lists are sorted by, by their name on the wire. */
export const sortColumns: ReadonlyMap<string, string> = new Map(
  [...textColumns, ...numberColumns].map(([name, { column }]) => [name, column] as const),
);

export const userTerm =
  (dialect: Dialect): ToTerm =>
  (field, match) => {
    if (field === undefined) return match.kind === 'exists' ? everything : bareTerm(dialect, match);
    if (field.includes(wildcard)) {
      if (field === wildcard && match.kind === 'exists') return everything;
      throw badSearch('The name of a field has no wildcards');
    }
    return (
      columnTerm(dialect, field, match) ?? identityTerm(dialect, field, match) ?? profileTerm(dialect, field, match)
    );
  };

const bareTerm = (dialect: Dialect, match: Match): Clause =>
  anyOf(bareFields.map((field) => columnTerm(dialect, field, match) ?? everything));

function columnTerm(dialect: Dialect, field: string, match: Match): Clause | undefined {
  const text = textColumns.get(field);
  if (text !== undefined) {
    const comparison = compareText(sql.ref(`users.${text.column}`), match, { read: text.read, dialect });
    return toTerm(dialect, text.column, comparison);
  }
  const number = numberColumns.get(field);
  if (number !== undefined) {
    const column = sql.ref(`users.${number.column}`);
    const { predicate, isIndexed } = compareNumber(column, match, number.read);
    // Who has never signed in did not do so before any day.
    const known = field === 'last_login' ? sql`(${column} > 0 and ${predicate})` : predicate;
    return toTerm(dialect, number.column, { predicate: known, isIndexed });
  }
  if (field === 'blocked') return blockedTerm(dialect, match);
  if (field !== 'email_verified') return undefined;
  if (match.kind === 'exists') return everything;
  return { predicate: sql`users.is_email_verified = ${readFlag(match) ? 1 : 0}`, weight: 1, alternatives: [] };
}

function blockedTerm(dialect: Dialect, match: Match): Clause {
  if (match.kind === 'exists') return everything;
  if (!readFlag(match)) return { predicate: sql`users.is_blocked = 0`, weight: 1, alternatives: [] };
  const predicate = sql`users.is_blocked = 1`;
  return { predicate, weight: 1, alternatives: [[userSource(dialect, 'id', predicate)]] };
}

const toTerm = (dialect: Dialect, column: string, { predicate, isIndexed }: Comparison): Clause => ({
  predicate,
  weight: 1,
  alternatives: isIndexed ? [[userSource(dialect, column, predicate)]] : [],
});

/** Metadata and whatever else an upstream gave: one row for each scalar, see user-keys.ts. */
function profileTerm(dialect: Dialect, field: string, match: Match): Clause {
  const isPlain = match.kind === 'exact' || match.kind === 'exists';
  if (!isPlain && field.startsWith('user_metadata')) {
    throw badSearch('user_metadata is searched for whole values: no wildcards, no ranges');
  }
  const comparison = compareTerm(dialect, match);
  const own = sql`term.field = ${cut(field)} and ${comparison.predicate}`;
  return {
    predicate: hasRow(sql`user_terms term`, sql`term.user_id = users.id and ${own}`),
    weight: 3,
    alternatives: comparison.isIndexed ? [[termSource(dialect, own)]] : [],
  };
}

function compareTerm(dialect: Dialect, match: Match): Comparison {
  const value = sql.ref('term.value');
  const isNumeric =
    match.kind === 'range' &&
    (match.from ?? match.to) !== undefined &&
    [match.from, match.to].every((bound) => !bound || isNumber(bound.value));
  if (!isNumeric) return compareText(value, match, { read: cut, dialect });
  const bounded = { ...match, kind: 'range' } as Match;
  const { predicate } = compareNumber(sql`term.number`, bounded, readNumber);
  return { predicate, isIndexed: false };
}

const isNumber = (value: string): boolean => value.trim() !== '' && Number.isFinite(Number(value));
