import type { Expression, RawBuilder } from 'kysely';
import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  sql,
} from 'kysely';
import type { Database } from './database.ts';

/** Everything that the two databases say differently. Repositories use these words and are the same for both. */
export type Dialect = {
  readonly name: 'sqlite' | 'postgres';
  /** Compiles queries; never runs one. */
  readonly db: Kysely<Database>;
  /** First-level merge of `patch` over the JSON object in `column`; a null patch changes nothing. */
  mergeJson(column: Expression<string>, patch: Expression<string | null>): RawBuilder<string>;
  /** The JSON object without the keys of a JSON array of strings. */
  removeKeys(json: Expression<string>, keys: Expression<string>): RawBuilder<string>;
  /** The rows of a JSON array of strings, as a table with the column `value`. */
  eachText(json: Expression<string>): RawBuilder<{ value: string }>;
  /** The rows of a JSON array of arrays, whose members have these names and types in this order. */
  eachTuple(json: Expression<string>, columns: Readonly<Record<string, 'text' | 'integer'>>): RawBuilder<unknown>;
  /** A correlated query's `client_id` values as one JSON array. */
  collectClientIds(): RawBuilder<string>;
  /** What to sort by so that rows come roughly by age without costing hot SQLite tables an index. */
  byAge(column: 'expires_at'): RawBuilder<unknown>;
  /** Column types of migrations. */
  readonly types: ColumnTypes;
};

export type ColumnTypes = {
  readonly text: string;
  readonly json: string;
  /** JSON that statements merge into. */
  readonly mergedJson: string;
  readonly integer: string;
  readonly bytes: string;
  readonly sequence: string;
  /** After the closing bracket of a table. */
  readonly tableOptions: string;
};

export const sqliteDialect: Dialect = {
  name: 'sqlite',
  db: new Kysely<Database>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  }),
  // Registered by sqlite/open-database.ts.
  mergeJson: (column, patch) => sql<string>`portico_merge_json(${column}, ${patch})`,
  removeKeys: (json, keys) => sql<string>`portico_remove_keys(${json}, ${keys})`,
  eachText: (json) => sql`json_each(${json})`,
  eachTuple: (json, columns) => {
    const members = Object.keys(columns).map((name, index) => sql`value ->> ${sql.lit(index)} as ${sql.ref(name)}`);
    return sql`(select ${sql.join(members)} from json_each(${json}))`;
  },
  collectClientIds: () => sql<string>`json_group_array(client_id)`,
  byAge: () => sql`rowid`,
  types: {
    text: 'text',
    json: 'text',
    mergedJson: 'text',
    integer: 'integer',
    bytes: 'blob',
    sequence: 'integer primary key',
    tableOptions: ' strict',
  },
};

export const postgresDialect: Dialect = {
  name: 'postgres',
  db: new Kysely<Database>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  }),
  mergeJson: (column, patch) => sql<string>`(${column} || coalesce(cast(${patch} as jsonb), '{}'::jsonb))`,
  removeKeys: (json, keys) => sql<string>`(${json} - array(select jsonb_array_elements_text(cast(${keys} as jsonb))))`,
  eachText: (json) => sql`json_array_elements_text(cast(${json} as json))`,
  eachTuple: (json, columns) => {
    const members = Object.entries(columns).map(([name, type], index) => {
      const text = sql`value ->> ${sql.lit(index)}`;
      return sql`${type === 'integer' ? sql`cast(${text} as bigint)` : text} as ${sql.ref(name)}`;
    });
    return sql`(select ${sql.join(members)} from jsonb_array_elements(cast(${json} as jsonb)))`;
  },
  collectClientIds: () => sql<string>`coalesce(json_agg(client_id), '[]'::json)`,
  byAge: (column) => sql`${sql.ref(column)}`,
  types: {
    // Byte order and byte equality, as SQLite's BINARY collation.
    text: 'text collate "C"',
    json: 'text',
    mergedJson: 'jsonb',
    integer: 'bigint',
    bytes: 'bytea',
    sequence: 'bigint generated always as identity primary key',
    tableOptions: '',
  },
};
