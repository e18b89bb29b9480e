import type { RawBuilder } from 'kysely';
import { sql } from 'kysely';
import type { Match } from '../../core/search.ts';
import type { Dialect } from '../dialect.ts';
import { cut } from '../user-keys.ts';
import { type Clause, everything } from './clause.ts';
import { compareText, readFlag } from './comparisons.ts';
import { hasRow, identitySource } from './user-sources.ts';

/** `identities.…`: whoever has one identity like that. Tokens are no field: such a name finds nobody. */
export function identityTerm(dialect: Dialect, field: string, match: Match): Clause | undefined {
  switch (field) {
    case 'identities.connection':
      return connectionTerm(dialect, match);
    case 'identities.provider':
      return through(compareText(sql`connections.strategy`, match, { read: cut, dialect }).predicate);
    case 'identities.user_id':
      return upstreamTerm(dialect, match);
    case 'identities.isSocial':
      return match.kind === 'exists' || readFlag(match)
        ? everything
        : { predicate: sql`1 = 0`, weight: 1, alternatives: [] };
    default:
      return undefined;
  }
}

function connectionTerm(dialect: Dialect, match: Match): Clause {
  const term = through(compareText(sql`connections.name`, match, { read: cut, dialect }).predicate);
  if (match.kind !== 'exact') return term;
  const where = sql`identity.connection_id = (select id from connections where name = ${cut(match.value)})`;
  const own = hasRow(sql`identities identity`, sql`identity.user_id = users.id and ${where}`);
  return { predicate: own, weight: 3, alternatives: [[identitySource(dialect, where)]] };
}

/** Auth0: `<connection>|<what the upstream calls them>`. */
function upstreamTerm(dialect: Dialect, match: Match): Clause {
  const rendered = sql`connections.name || '|' || identity.upstream_user_id`;
  const term = through(compareText(sql`(${rendered})`, match, { read: (value) => value, dialect }).predicate);
  if (match.kind !== 'exact') return term;
  const at = match.value.indexOf('|');
  const name = cut(match.value.slice(0, Math.max(at, 0)));
  const where = sql`identity.upstream_user_id = ${match.value.slice(at + 1)}
    and identity.connection_id = (select id from connections where name = ${name})`;
  return { ...term, alternatives: [[identitySource(dialect, where)]] };
}

const through = (predicate: RawBuilder<unknown>): Clause => ({
  predicate: hasRow(
    sql`identities identity join connections on connections.id = identity.connection_id`,
    sql`identity.user_id = users.id and ${predicate}`,
  ),
  weight: 4,
  alternatives: [],
});
