import type pg from 'pg';
import { ConfigError } from '../../core/errors.ts';
import { postgresDialect } from '../dialect.ts';
import { checkVersion, createVersionTable, statementsFrom } from '../migrations/migrations.ts';
import { type CreateClient, describeClient } from './client.ts';

/** Any number will do, as long as all brokers agree on it. */
const migrationLock = 7_646_172_101;

/** Brings the schema up to date. Brokers that start together wait for each other; the second finds nothing to do. */
export async function migrate(createClient: CreateClient): Promise<void> {
  const client = createClient();
  // Without a listener, a connection lost meanwhile would end the process; the query that fails reports it.
  client.on('error', () => {});
  try {
    await client.connect();
    await checkEncoding(client);
    await client.query('begin');
    await client.query('select pg_advisory_xact_lock($1)', [migrationLock]);
    await bringUpToDate(client);
    await client.query('commit');
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError([`the database ${describeClient(client)} cannot be used: ${reasonOf(error)}`], {
      cause: error,
    });
  } finally {
    await client.end().catch(() => {});
  }
}

async function bringUpToDate(client: pg.Client): Promise<void> {
  const found = await findVersion(client);
  checkVersion(found);
  const statements = statementsFrom(found, postgresDialect);
  if (statements.length === 0) return;
  await client.query(createVersionTable);
  for (const statement of statements) await client.query(statement);
}

async function findVersion(client: pg.Client): Promise<number> {
  const table = await client.query("select to_regclass('schema_version') is not null as exists");
  if (table.rows[0]?.exists !== true) return 0;
  const { rows } = await client.query('select max(version) as version from schema_version');
  return Number(rows[0]?.version ?? 0);
}

/** Another encoding would refuse or change names and ids. */
async function checkEncoding(client: pg.Client): Promise<void> {
  const { rows } = await client.query('show server_encoding');
  const encoding = String(rows[0]?.server_encoding);
  if (encoding === 'UTF8') return;
  throw new ConfigError([`the database ${describeClient(client)} has encoding ${encoding}; it must be UTF8`]);
}

/** An address with several records fails with an error that has a code only. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || ('code' in error ? String(error.code) : error.name);
}
