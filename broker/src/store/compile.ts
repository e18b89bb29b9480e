import type { AliasableExpression, Compilable, CompiledQuery, Kysely, RawBuilder } from 'kysely';
import { sql } from 'kysely';
import { StoreError } from '../core/errors.ts';
import type { Backend } from './backend.ts';
import type { Database } from './database.ts';
import type { Dialect } from './dialect.ts';
import type { Command, Statement, Write } from './store.ts';

/** The values of a query by name, as kysely expressions: `$.id`. A name may be used more than once. */
export type Values<Input> = { readonly [Name in keyof Input]: AliasableExpression<Input[Name]> };

/** A query compiled to text once. Using it costs neither kysely nor the parser of the database. */
export type Query<Input, Output> = {
  rows(input: Input): Promise<readonly Output[]>;
  first(input: Input): Promise<Output | undefined>;
  command(input: Input): Command;
  write<Result>(input: Input, read: (rows: readonly Output[]) => Result, more?: WriteOptions): Write<Result>;
};

export type WriteOptions = Pick<
  Write<unknown>,
  'mayConflict' | 'isShortLived' | 'changesConfiguration' | 'before' | 'after'
>;

export type Compile = <Input, Output>(
  name: string,
  build: (db: Kysely<Database>, $: Values<Input>) => Compilable<Output>,
) => Query<Input, Output>;

/** What a repository is made of. */
export type RepositoryDeps = {
  readonly compile: Compile;
  readonly dialect: Dialect;
  /** A read whose text is made for one question: parsed by the database each time, and kept by nobody. */
  readonly ask: <Output>(query: RawBuilder<Output>) => Promise<readonly Output[]>;
};

export const createAsk =
  (dialect: Dialect, backend: Pick<Backend, 'rows'>): RepositoryDeps['ask'] =>
  async <Output>(query: RawBuilder<Output>) => {
    const { sql: text, parameters } = query.compile(dialect.db);
    if (!parameters.every(isStorable)) return [];
    return (await backend.rows({ name: '', sql: text }, parameters)) as readonly Output[];
  };

/** Stands in a compiled query where a value of this name goes. */
class Slot {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

type Compiled = { readonly statement: Statement; readonly parameters: readonly unknown[] };

const toCompiled = (name: string, { sql: text, parameters }: CompiledQuery): Compiled => ({
  statement: { name, sql: text },
  parameters,
});

const slots = new Proxy({}, { get: (_, name) => sql.val(new Slot(String(name))) });

export function createCompile(dialect: Dialect, backend: Pick<Backend, 'rows'>): Compile {
  return <Input, Output>(
    name: string,
    build: (db: Kysely<Database>, $: Values<Input>) => Compilable<Output>,
  ): Query<Input, Output> => {
    let compiled: Compiled | undefined;
    // At its first use: most queries are asked by nobody for hours, and a broker that starts would compile them all.
    const bind = (input: Input): Command => {
      compiled ??= toCompiled(name, build(dialect.db, slots as Values<Input>).compile());
      const { statement, parameters } = compiled;
      const members = input as Record<string, unknown>;
      const values = parameters.map((parameter) => (parameter instanceof Slot ? members[parameter.name] : parameter));
      return { statement, values };
    };
    const rows = async (input: Input) => {
      const { statement, values } = bind(input);
      // What cannot be stored cannot be found either.
      return values.every(isStorable) ? ((await backend.rows(statement, values)) as readonly Output[]) : [];
    };
    const command = (input: Input): Command => {
      const bound = bind(input);
      if (bound.values.every(isStorable)) return bound;
      throw new StoreError('conflict', 'A value contains characters that cannot be stored exactly');
    };

    return {
      rows,
      first: async (input) => (await rows(input))[0],
      command,
      write: (input, read, more) => ({
        ...command(input),
        // The columns of `returning` are those that kysely inferred from the query.
        read: (found) => read(found as readonly unknown[] as readonly Output[]),
        ...more,
      }),
    };
  };
}

/**
 * Neither database holds a lone surrogate: it would become the replacement character, and two ids one. PostgreSQL takes
 * no NUL. Such a value is refused rather than changed.
 */
const isStorable = (value: unknown): boolean =>
  typeof value !== 'string' || (value.isWellFormed() && !value.includes('\0'));
