import type { RawBuilder } from 'kysely';
import { sql } from 'kysely';
import type { Dialect } from '../dialect.ts';
import type { Source } from './clause.ts';

type Sql = RawBuilder<unknown>;

/** Users in the order of one of their columns. On SQLite an index ends with the row's number, that of the last login with the id. */
export const userSource = ({ name }: Dialect, column: string, where: Sql, isDescending = false): Source => ({
  from: sql`users`,
  where,
  id: sql`users.id`,
  key: sql.ref(`users.${column}`),
  tie: name === 'sqlite' && column !== 'last_login_order' ? sql`users.rowid` : sql`users.id`,
  isDescending,
  isExact: true,
});

export const identitySource = (dialect: Dialect, where: Sql): Source => ({
  ...namingUsers(dialect, sql`identities identity`, sql`identity.user_id`),
  where,
  key: sql`identity.upstream_user_id`,
  tie: sql`identity.connection_id`,
});

export const termSource = (dialect: Dialect, where: Sql): Source => ({
  ...namingUsers(dialect, sql`user_terms term`, sql`term.user_id`),
  where,
  key: sql`term.value`,
  tie: sql`term.user_id`,
});

/** A table with users' ids in it; they themselves are read only for what else is asked of them. */
const namingUsers = ({ name }: Dialect, from: Sql, id: Sql) => ({
  from,
  // The order of the walk: SQLite keeps to that of a cross join.
  join: name === 'sqlite' ? sql`cross join users on users.id = ${id}` : sql`join users on users.id = ${id}`,
  id,
  isDescending: false,
  isExact: true,
});

/**
 * Whether a user has such a row. The offset keeps PostgreSQL from reading the whole table instead, once, for a statement
 * that looks at a few users: it reckons with all of them.
 */
export const hasRow = (from: Sql, where: Sql): Sql =>
  sql`exists (select 1 from ${from} where ${where} limit 1 offset 0)`;
