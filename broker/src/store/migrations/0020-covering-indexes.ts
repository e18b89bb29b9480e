import type { Dialect } from '../dialect.ts';

/**
 * Lists by last login, of a connection or of a domain, read indexes and only the users that they show. There are as many
 * indexes as before: a sign-in writes as many entries, of which one is longer. On PostgreSQL the one over the last login has
 * the id already, and would not be read alone: whoever was here lately has just been written.
 */
export const coveringIndexes = ({ name }: Dialect): string[] => [
  'drop index identities_user',
  'create index identities_user on identities (user_id, connection_id)',
  ...(name === 'sqlite' ? lastLoginOnSqlite : []),
];

const lastLoginOnSqlite = [
  'drop index users_last_login_order',
  'create index users_last_login_order on users (last_login_order, id, email_domain)',
];
