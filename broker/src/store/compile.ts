import type { AliasableExpression, Compilable, Kysely } from 'kysely';
import { sql } from 'kysely';
import type { Backend } from './backend.ts';
import type { Database } from './database.ts';
import type { Dialect } from './dialect.ts';
import type { Statement, Write } from './store.ts';

/** The values of a query by name, as kysely expressions: `$.id`. A name may be used more than once. */
export type Values<Input> = { readonly [Name in keyof Input]: AliasableExpression<Input[Name]> };

/** A query compiled to text once. Using it costs neither kysely nor the parser of the database. */
export type Query<Input, Output> = {
  rows(input: Input): Promise<readonly Output[]>;
  first(input: Input): Promise<Output | undefined>;
  write<Result>(input: Input, read: (rows: readonly Output[]) => Result, more?: WriteOptions): Write<Result>;
};

export type WriteOptions = Pick<Write<unknown>, 'mayConflict' | 'changesConfiguration' | 'before' | 'after'>;

export type Compile = <Input, Output>(
  name: string,
  build: (db: Kysely<Database>, $: Values<Input>) => Compilable<Output>,
) => Query<Input, Output>;

/** What a repository is made of. */
export type RepositoryDeps = { readonly compile: Compile; readonly dialect: Dialect };

/** Stands in a compiled query where a value of this name goes. */
class Slot {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

const slots = new Proxy({}, { get: (_, name) => sql.val(new Slot(String(name))) });

export function createCompile(dialect: Dialect, backend: Pick<Backend, 'rows'>): Compile {
  return <Input, Output>(
    name: string,
    build: (db: Kysely<Database>, $: Values<Input>) => Compilable<Output>,
  ): Query<Input, Output> => {
    const compiled = build(dialect.db, slots as Values<Input>).compile();
    const statement: Statement = { name, sql: compiled.sql };
    const { parameters } = compiled;

    const bind = (input: Input): unknown[] => {
      const members = input as Record<string, unknown>;
      return parameters.map((parameter) => (parameter instanceof Slot ? members[parameter.name] : parameter));
    };
    const rows = (input: Input) => backend.rows(statement, bind(input)) as Promise<readonly Output[]>;

    return {
      rows,
      first: async (input) => (await rows(input))[0],
      write: (input, read, more) => ({
        statement,
        values: bind(input),
        // The columns of `returning` are those that kysely inferred from the query.
        read: (found) => read(found as readonly unknown[] as readonly Output[]),
        ...more,
      }),
    };
  };
}
