import { join } from 'node:path';
import { toCreateClient } from '../../../broker/src/store/postgres/client.ts';
import { openDatabase } from '../../../broker/src/store/sqlite/open-database.ts';

/*
 * Users by the million, written by the database itself into the tables of a broker that has started once. The triggers
 * and indexes of the schema do their work as for any other user.
 */

export type Filled = { readonly databaseUrl: string | undefined; readonly dataDirectory: string };

/** How person number n comes to differ from the others; both databases count alike. */
const columns = `id, attributes, user_metadata, app_metadata, is_blocked, logins_count, last_login_at, created_at, updated_at,
  last_ip, email_key, email_domain, name_key, given_name_key, family_name_key, nickname_key, is_email_verified,
  last_login_order, attribute_terms`;

const selection = (numbers: string, json: string) => `
  select 'oauth2|stub-mapping|' || n,
    '{"email":"Person' || n || '@d' || (n % 10) || '.example","email_verified":true,"name":"Person ' || n ||
      '","given_name":"Given' || (n % 500) || '","family_name":"Family' || (n % 2000) || '","nickname":"person' || n || '"}',
    '{}'${json}, (case when n % 10 = 0 then '{"team":"t' || (n / 100) || '"}' else '{}' end)${json},
    case when n % 997 = 0 then 1 else 0 end, n % 50, 1700000000000 + (n * 7919 % 1000003) * 1000, 1600000000000 + n * 1000,
    1700000000000 + (n * 7919 % 1000003) * 1000, '127.0.0.1',
    'person' || n || '@d' || (n % 10) || '.example', 'd' || (n % 10) || '.example', 'person ' || n, 'given' || (n % 500),
    'family' || (n % 2000), 'person' || n, 1, 1700000000000 + (n * 7919 % 1000003) * 1000, '[]'
  from ${numbers}`;

const identities = (numbers: string, connection: string) => `
  insert into identities (connection_id, upstream_user_id, user_id)
  select connections.id, '' || n, 'oauth2|stub-mapping|' || n from ${numbers} cross join connections
  where connections.name = ${connection}`;

/** People 1 to `count`. */
export async function fillUsers({ databaseUrl, dataDirectory }: Filled, count: number): Promise<void> {
  if (databaseUrl === undefined) return fillSqlite(join(dataDirectory, 'portico.db'), count);
  const client = toCreateClient(databaseUrl, { statement_timeout: 0, query_timeout: 0 })();
  await client.connect();
  const numbers = `generate_series(1, ${count}::bigint) as numbers (n)`;
  await client.query(`insert into users (${columns}) ${selection(numbers, '::jsonb')}`);
  await client.query(identities(numbers, "'stub-mapping'"));
  await client.query('vacuum analyze');
  await client.end();
}

function fillSqlite(path: string, count: number): void {
  const db = openDatabase(path);
  db.pragma('synchronous = OFF');
  const numbers = `(with recursive counting (n) as (select 1 union all select n + 1 from counting where n < ${count})
    select n from counting) as numbers`;
  db.exec(`begin; insert into users (${columns}) ${selection(numbers, '')};`);
  db.exec(`${identities(numbers, "'stub-mapping'")}; commit`);
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
}
