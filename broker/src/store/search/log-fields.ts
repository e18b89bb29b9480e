import { type SqlBool, sql } from 'kysely';
import type { Match } from '../../core/search.ts';
import { badSearch, wildcard } from '../../core/search-tokens.ts';
import type { Dialect } from '../dialect.ts';
import { anyOf, type Clause, everything, type Source } from './clause.ts';
import { compareNumber, compareText, readTime } from './comparisons.ts';
import type { ToTerm } from './to-clause.ts';

/*
 * What the log is searched by (contract: management API §5.3): upper and lower case count. An index is there for what is
 * asked often and seldom true: one person, and every kind of event but the sign-ins that most lines are.
 */

/** Of these there is a line at every sign-in or token: an index over them would cost more than it finds. */
const frequentTypes: readonly string[] = ['s', 'ssa', 'seacft', 'sertft', 'seccft'];

/** What the index of trace ids holds, in its own words. */
export const isTraced = sql<SqlBool>`logs.type not in ('seacft', 'sertft', 'seccft')`;

type Named = { readonly id: string; readonly name: string };
export type LogNames = {
  readonly clients: readonly Named[];
  readonly connections: readonly Named[];
  /** Of every line: a tenant has one. */
  readonly hostname: string;
};

const columns = new Map([
  ['client_id', 'client_id'],
  ['connection_id', 'connection_id'],
  ['description', 'description'],
  ['ip', 'ip'],
  ['log_id', 'id'],
  ['_id', 'id'],
  ['type', 'type'],
  ['user_agent', 'user_agent'],
  ['user_id', 'user_id'],
  ['user_name', 'user_name'],
]);

const bareFields = ['client_name', 'connection', 'description', 'ip', 'log_id', 'type', 'user_name'];
const nothing: Clause = { predicate: sql`1 = 0`, weight: 1, alternatives: [] };

export function logTerm(dialect: Dialect, names: LogNames, isNewestFirst: boolean): ToTerm {
  const fieldTerm = (field: string, match: Match): Clause => {
    const column = columns.get(field);
    if (column !== undefined) return columnTerm(dialect, column, { match, isNewestFirst });
    switch (field) {
      case 'date':
        if (match.kind === 'exists') return everything;
        return { predicate: compareNumber(sql`logs.at`, match, readTime).predicate, weight: 1, alternatives: [] };
      case 'client_name':
        return oneOf('client_id', names.clients, match);
      case 'connection':
        return oneOf('connection_id', names.connections, match);
      case 'hostname':
        return match.kind === 'exists' || matches(names.hostname, match) ? everything : nothing;
      case 'strategy':
      case 'strategy_type':
        return strategyTerm(field, match);
      default:
        return nothing;
    }
  };
  return (field, match) => {
    if (field === undefined) {
      return match.kind === 'exists' ? everything : anyOf(bareFields.map((bare) => fieldTerm(bare, match)));
    }
    if (!field.includes(wildcard)) return fieldTerm(field, match);
    if (field === wildcard && match.kind === 'exists') return everything;
    throw badSearch('The name of a field has no wildcards');
  };
}

/** The log in order of arrival. */
export const logSource = (where: Source['where'], isDescending: boolean): Source => ({
  from: sql`logs`,
  where,
  id: sql`logs.id`,
  key: sql`logs.sequence`,
  tie: undefined,
  isDescending,
  isExact: false,
});

type Asked = { readonly match: Match; readonly isNewestFirst: boolean };

function columnTerm(dialect: Dialect, column: string, { match, isNewestFirst }: Asked): Clause {
  const as = { read: (value: string) => value, dialect };
  const reference = sql.ref(`logs.${column}`);
  const predicate = compareText(sql`coalesce(${reference}, '')`, match, as).predicate;
  if (match.kind !== 'exact') return { predicate, weight: 1, alternatives: [] };
  const indexed = sql`${reference} = ${match.value}`;
  if (column === 'user_id') return { predicate, weight: 1, alternatives: [[logSource(indexed, isNewestFirst)]] };
  if (column !== 'type' || frequentTypes.includes(match.value)) {
    return { predicate, weight: 1, alternatives: [] };
  }
  const rare = sql`${indexed} and logs.type not in ('s', 'ssa', 'seacft', 'sertft', 'seccft')`;
  return { predicate, weight: 1, alternatives: [[logSource(rare, isNewestFirst)]] };
}

/** By a name that is not written down: those of today that match, by their ids. */
function oneOf(column: 'client_id' | 'connection_id', known: readonly Named[], match: Match): Clause {
  const reference = sql.ref(`logs.${column}`);
  if (match.kind === 'exists') return { predicate: sql`${reference} is not null`, weight: 1, alternatives: [] };
  const ids = known.filter(({ name }) => matches(name, match)).map(({ id }) => id);
  if (ids.length === 0) return nothing;
  return { predicate: sql`coalesce(${reference}, '') in (${sql.join(ids)})`, weight: 2, alternatives: [] };
}

function matches(name: string, match: Match): boolean {
  switch (match.kind) {
    case 'exact':
      return name === match.value;
    case 'prefix':
      return name.startsWith(match.value);
    case 'suffix':
      return name.endsWith(match.value);
    case 'infix':
      return name.includes(match.value);
    default:
      throw badSearch('Names have no ranges');
  }
}

/** What has a connection came through one of ours, and those are all of one kind. */
function strategyTerm(field: string, match: Match): Clause {
  const value = field === 'strategy' ? 'oauth2' : 'social';
  return match.kind === 'exists' || matches(value, match)
    ? { predicate: sql`logs.connection_id is not null`, weight: 1, alternatives: [] }
    : nothing;
}
