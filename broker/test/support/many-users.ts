import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Row } from '../../src/store/backend.ts';
import { type Dialect, postgresDialect, sqliteDialect } from '../../src/store/dialect.ts';
import { openStore } from '../../src/store/open-store.ts';
import { toCreateClient } from '../../src/store/postgres/client.ts';
import { openDatabase } from '../../src/store/sqlite/open-database.ts';

/*
 * A database with enough people for PostgreSQL to choose as it would with many, and what it plans to do. Person n has
 * signed in n times, was there last at n, is of team n / 10 and of domain n mod 100; everybody is in con_a, nobody in con_b.
 */

export const people = 20_000;

export type Planner = {
  readonly dialect: Dialect;
  /** Statements that give no rows, too. */
  rows(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  plan(text: string, values: readonly unknown[]): Promise<string>;
  close(): Promise<void>;
};

function openSqlite(): Planner {
  const folder = mkdtempSync(join(tmpdir(), 'portico-plans-'));
  const db = openDatabase(join(folder, 'portico.db'));
  const rows: Planner['rows'] = async (text, values = []) => {
    const statement = db.prepare<unknown[], Row>(text);
    if (statement.reader) return statement.all(...values);
    statement.run(...values);
    return [];
  };
  return {
    dialect: sqliteDialect,
    rows,
    plan: async (text, values) =>
      (await rows(`explain query plan ${text}`, values)).map(({ detail }) => detail).join('\n'),
    async close() {
      db.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function openPostgres(url: string): Promise<Planner> {
  await (await openStore({ url })).close();
  const client = toCreateClient(url)();
  await client.connect();
  const rows: Planner['rows'] = async (text, values = []) => (await client.query(text, [...values])).rows;
  return {
    dialect: postgresDialect,
    rows,
    plan: async (text, values) =>
      (await rows(`explain ${text}`, values)).map((row) => String(row['QUERY PLAN'])).join('\n'),
    close: () => client.end(),
  };
}

async function fill({ dialect, rows }: Planner): Promise<void> {
  const json = dialect.name === 'sqlite' ? '' : '::jsonb';
  const counting = `with recursive counting (n) as (select 1 union all select n + 1 from counting where n < ${people})`;
  const keys = ['email_key', 'name_key', 'given_name_key', 'family_name_key', 'nickname_key'];
  await rows(
    `insert into connections (id, name, strategy, display_name, sealed_options, metadata, created_at, updated_at)
     select id, id, 'oauth2', id, ${dialect.name === 'sqlite' ? "x''" : "''::bytea"}, '{}', 1, 1 from (select 'con_a' as id union all select 'con_b') as two`,
  );
  await rows(
    `insert into users (id, attributes, user_metadata, app_metadata, is_blocked, logins_count, last_login_at,
       last_login_order, created_at, updated_at, email_domain, ${keys.join(', ')})
     ${counting} select 'oauth2|con_a|' || n, '{}', '{}'${json}, ('{"team":"t' || (n / 10) || '"}')${json},
       case when n % 997 = 0 then 1 else 0 end, n, n, n, n, n, 'd' || (n % 100) || '.example', ${keys.map(() => "'p' || n").join(', ')}
     from counting`,
  );
  await rows(
    `insert into identities (connection_id, upstream_user_id, user_id)
     ${counting} select 'con_a', '' || n, 'oauth2|con_a|' || n from counting`,
  );
  if (dialect.name === 'postgres') await rows('vacuum analyze');
}

/** `url`: of an empty database on PostgreSQL; undefined: SQLite. */
export async function openManyUsers(url: string | undefined): Promise<Planner> {
  const planner = url === undefined ? openSqlite() : await openPostgres(url);
  await fill(planner);
  return planner;
}
