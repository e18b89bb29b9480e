import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseSearch } from '../../src/core/parse-search.ts';
import type { Row } from '../../src/store/backend.ts';
import { createAsk } from '../../src/store/compile.ts';
import { type Dialect, postgresDialect, sqliteDialect } from '../../src/store/dialect.ts';
import { openStore } from '../../src/store/open-store.ts';
import { toCreateClient } from '../../src/store/postgres/client.ts';
import { findUsers, type UserSearch } from '../../src/store/search/find-users.ts';
import { openDatabase } from '../../src/store/sqlite/open-database.ts';
import { type DatabaseName, databases, useDatabase } from '../support/databases.ts';

/*
 * What docs/management-api.md says an index finds is found by one: each statement of a search is asked for its plan, on both
 * databases, with enough people for PostgreSQL to choose as it would with many.
 */

const people = 20_000;

type Planner = {
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
     ${counting} select 'oauth2|con_a|' || n, '{}', '{}'${json}, ('{"team":"t' || n / 10 || '"}')${json},
       case when n % 997 = 0 then 1 else 0 end, n, n, n, n, n, 'd' || n % 100 || '.example', ${keys.map(() => "'p' || n").join(', ')}
     from counting`,
  );
  await rows(
    `insert into identities (connection_id, upstream_user_id, user_id)
     ${counting} select 'con_a', '' || n, 'oauth2|con_a|' || n from counting`,
  );
  if (dialect.name === 'postgres') await rows('vacuum analyze');
}

/** Where the names of indexes differ, that of SQLite comes first. */
const userIds = /sqlite_autoindex_users_1|users_pkey/;
const ownIdentities = /sqlite_autoindex_identities_1|identities_pkey/;

const filters: readonly (readonly [query: string, index: RegExp])[] = [
  ['email:"p7"', /users_email_key/],
  ['email:p77*', /users_email_key/],
  ['email.domain:"d7.example"', /users_email_domain/],
  ['name:"p7"', /users_name_key/],
  ['name:p77*', /users_name_key/],
  ['given_name:"p7"', /users_given_name_key/],
  ['family_name:"p7"', /users_family_name_key/],
  ['nickname:"p7"', /users_nickname_key/],
  ['user_id:"oauth2|con_a|7"', userIds],
  ['blocked:true', /users_blocked/],
  ['created_at:"1970-01-01T00:00:00.005"', /users_created_at/],
  ['updated_at:"1970-01-01T00:00:00.005"', /users_updated_at/],
  ['last_login:"1970-01-01T00:00:00.005"', /users_last_login_order/],
  ['logins_count:[7 TO 9]', /users_logins_count/],
  ['identities.user_id:"con_a|7"', ownIdentities],
  ['app_metadata.team:"t7"', /user_terms_value/],
  ['user_metadata.a.b:"c"', /user_terms_value/],
  ['locale:de', /user_terms_value/],
  ['p7', /users_email_key/],
  ['email:"p7" OR app_metadata.team:"t8"', /user_terms_value/],
  ['email_verified:true AND email:"p7"', /users_email_key/],
];

const sorts: readonly (readonly [field: string, index: RegExp])[] = [
  ['user_id', userIds],
  ['email', /users_email_key/],
  ['email.domain', /users_email_domain/],
  ['name', /users_name_key/],
  ['given_name', /users_given_name_key/],
  ['family_name', /users_family_name_key/],
  ['nickname', /users_nickname_key/],
  ['created_at', /users_created_at/],
  ['updated_at', /users_updated_at/],
  ['last_login', /users_last_login_order/],
  ['logins_count', /users_logins_count/],
];

/** A whole table read, or rows collected to be sorted where an index has them in order. */
const long = /SCAN (users|term|identity)(?! USING)|USE TEMP B-TREE|Seq Scan on (users|user_terms|identities)|Sort Key/;

const open = async (database: DatabaseName, url: string | undefined) =>
  url === undefined || database === 'sqlite' ? openSqlite() : openPostgres(url);

describe.each(databases)('plans on %s', (database) => {
  const server = useDatabase(database);
  let planner: Planner;
  beforeAll(async () => {
    planner = await open(database, await server.url());
    await fill(planner);
  }, 60_000);
  afterAll(() => planner.close());

  async function plansOf(query: string | undefined, more: Partial<UserSearch>): Promise<string> {
    const plans: string[] = [];
    const ask = createAsk(planner.dialect, {
      async rows({ sql: text }, values) {
        plans.push(`${text}\n${await planner.plan(text, values)}`);
        return planner.rows(text, values);
      },
    });
    const found = await findUsers(
      { ask, dialect: planner.dialect },
      {
        search: query === undefined ? undefined : parseSearch(query),
        connection: undefined,
        sort: undefined,
        start: 0,
        limit: 50,
        isCounted: true,
        signal: new AbortController().signal,
        ...more,
      },
    );
    expect(found).toBeDefined();
    return plans.join('\n\n');
  }

  test.each(filters)('%s is found by an index', async (query, index) => {
    const plans = await plansOf(query, {});
    expect(plans).toMatch(index);
    expect(plans).not.toMatch(long);
  });

  test.each(sorts)('a list by %s is read in the order of an index, both ways', async (field, index) => {
    for (const isDescending of [false, true]) {
      for (const connection of [undefined, 'con_a']) {
        const plans = await plansOf(undefined, { sort: { field, isDescending }, connection });
        expect(plans).toMatch(index);
        expect(plans).not.toMatch(long);
      }
    }
  });

  test('who is in a connection is asked for each user that is looked at, and not for everybody beforehand', async () => {
    for (const connection of ['con_a', 'con_b']) {
      const sorted = await plansOf('email.domain:"d7.example"', {
        connection,
        sort: { field: 'last_login', isDescending: true },
      });
      expect(sorted).toMatch(/identities_user/);
      expect(sorted).not.toMatch(/Seq Scan on (users|identities)|SCAN (users|identity)(?! USING)/);
    }
  });
});
