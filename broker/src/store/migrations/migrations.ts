import { ConfigError } from '../../core/errors.ts';
import type { Dialect } from '../dialect.ts';
import { first, firstOnPostgres, firstOnSqlite } from './0001-first.ts';
import { scripts } from './0002-scripts.ts';
import { attempts, attemptsOnPostgres } from './0003-attempts.ts';
import { modules } from './0004-modules.ts';
import { proofs, proofsOnPostgres } from './0005-proofs.ts';
import { tokenGrants } from './0006-token-grants.ts';
import { connectionHistory } from './0007-connection-history.ts';
import { userGrants } from './0008-user-grants.ts';
import { backChannelLogout } from './0009-back-channel-logout.ts';
import { orphanedTokens } from './0010-orphaned-tokens.ts';
import { bindingNames } from './0011-binding-names.ts';
import { userSearch } from './0012-user-search.ts';
import { lookupsAndJobs } from './0013-lookups-and-jobs.ts';
import { limitsAndKeyTimes } from './0014-limits-and-key-times.ts';
import { unloggedBucketsOnPostgres } from './0015-unlogged-buckets.ts';
import { dailyLogins } from './0016-daily-logins.ts';
import { devices } from './0017-devices.ts';
import { logNames } from './0018-log-names.ts';
import { actionRuntimes } from './0019-action-runtimes.ts';
import { coveringIndexes } from './0020-covering-indexes.ts';

/** In order; the schema's version is how many have been applied. A migration only ever adds. */
const migrations: readonly ((dialect: Dialect) => readonly string[])[] = [
  ({ name, types }) => [...first(types), ...(name === 'sqlite' ? firstOnSqlite : firstOnPostgres)],
  ({ types }) => scripts(types),
  ({ name, types }) => [...attempts(types), ...(name === 'sqlite' ? [] : attemptsOnPostgres)],
  ({ types }) => modules(types),
  ({ name, types }) => [...proofs(types), ...(name === 'sqlite' ? [] : proofsOnPostgres)],
  ({ types }) => tokenGrants(types),
  ({ types }) => connectionHistory(types),
  ({ types }) => userGrants(types),
  ({ types }) => backChannelLogout(types),
  ({ types }) => orphanedTokens(types),
  ({ types }) => bindingNames(types),
  userSearch,
  ({ types }) => lookupsAndJobs(types),
  ({ types }) => limitsAndKeyTimes(types),
  ({ name }) => (name === 'sqlite' ? [] : unloggedBucketsOnPostgres),
  ({ types }) => dailyLogins(types),
  ({ types }) => devices(types),
  ({ types }) => logNames(types),
  ({ types }) => actionRuntimes(types),
  coveringIndexes,
];

export const programVersion = migrations.length;

export const createVersionTable = 'create table if not exists schema_version (version integer not null)';

/** A newer program has been here: what it wrote may mean something that this one does not know. */
export function checkVersion(found: number): void {
  if (found <= programVersion) return;
  throw new ConfigError([
    `the database has schema version ${found}, this program knows up to ${programVersion}: ` +
      'it was opened by a newer Portico. Nothing was changed; start that version or restore a backup',
  ]);
}

/** The statements that bring a schema of version `found` up to date, its new version included. */
export function statementsFrom(found: number, dialect: Dialect): readonly string[] {
  if (found === programVersion) return [];
  const statements = migrations.slice(found).flatMap((migration) => migration(dialect));
  return [...statements, 'delete from schema_version', `insert into schema_version values (${programVersion})`];
}
