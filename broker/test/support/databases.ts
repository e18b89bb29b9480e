import { afterAll, beforeAll } from 'vitest';
import { startPostgres, type TestPostgres } from './postgres.ts';
import { startWorld, type World, type WorldOptions } from './world.ts';

/** What storage semantics are tested on. */
export const databases = ['sqlite', 'postgres'] as const;
export type DatabaseName = (typeof databases)[number];

/** A database server for the tests of one block; its `url()` is undefined for SQLite, where every broker has a file. */
export function useDatabase(database: DatabaseName): { url(): Promise<string | undefined> } {
  let postgres: TestPostgres | undefined;
  beforeAll(async () => {
    postgres = database === 'postgres' ? await startPostgres() : undefined;
  });
  afterAll(() => postgres?.stop());
  return { url: async () => postgres?.url() };
}

/** A world for all tests of one block. */
export function useWorld(options: WorldOptions = {}, database: DatabaseName = 'sqlite'): () => World {
  const server = useDatabase(database);
  let world: World | undefined;
  beforeAll(async () => {
    world = await startWorld({ ...options, databaseUrl: await server.url() });
  });
  afterAll(() => world?.close());
  return () => {
    if (world === undefined) throw new Error('the world starts with the first test');
    return world;
  };
}
