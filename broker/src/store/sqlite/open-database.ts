import { totalmem } from 'node:os';
import Database from 'better-sqlite3';
import { ConfigError } from '../../core/errors.ts';
import { sqliteDialect } from '../dialect.ts';
import { checkVersion, createVersionTable, statementsFrom } from '../migrations/migrations.ts';
import { allTerms, attributeTerms, domainOf, fold } from '../user-keys.ts';
import { createPrivateFile, memory } from './location.ts';

/** Grows with what is read. SQLite's own 2 MB hold the indexes of some ten thousand users. */
const cacheKb = 65_536;

/**
 * The file is read where the system's own cache has it, as far as this: a page that nobody has read lately costs no copy, and
 * no memory of this process. No more than a quarter of what there is: the system reads far ahead into what is mapped, which
 * is in vain where it cannot stay. SQLite takes no more than 2 GB; what is beyond is read as ever.
 */
const mappedBytes = Math.min(
  0x7fff_0000,
  Math.floor(Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY) / 4),
);

/** 16 MB of log before it goes into the file: four times SQLite's own, so that a page which changes often is written once. */
const pagesInLog = 4_000;

/** How long a statement waits for another process that writes to the same file. It blocks the event loop meanwhile. */
const busyTimeoutMs = 5000;

/** Opens the file, brings its schema up to date, and sets it to survive power loss. */
export function openDatabase(path: string): Database.Database {
  const db = open(path);
  try {
    db.function('portico_merge_json', { deterministic: true }, mergeJson);
    db.function('portico_remove_keys', { deterministic: true }, removeKeys);
    db.function('portico_fold', { deterministic: true }, fold);
    db.function('portico_domain', { deterministic: true }, domainOf);
    db.function('portico_attribute_terms', { deterministic: true }, (attributes: unknown) =>
      JSON.stringify(attributeTerms(parse(attributes))),
    );
    db.function('portico_terms', { deterministic: true }, (terms: unknown, user: unknown, app: unknown) =>
      JSON.stringify(allTerms(parse(terms), parse(user), parse(app))),
    );
    checkVersion(findVersion(db));
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('secure_delete = ON');
    db.pragma('foreign_keys = ON');
    // What undoes one unit of a large group would otherwise go through a file, made and deleted for each group.
    db.pragma('temp_store = MEMORY');
    db.pragma(`cache_size = -${cacheKb}`);
    db.pragma(`mmap_size = ${mappedBytes}`);
    db.pragma(`wal_autocheckpoint = ${pagesInLog}`);
    db.transaction(migrate).immediate(db);
    return db;
  } catch (error) {
    db.close();
    if (error instanceof ConfigError) throw error;
    throw new ConfigError([`the database file ${path} cannot be used: ${messageOf(error)}`], { cause: error });
  }
}

function open(path: string): Database.Database {
  try {
    if (path !== memory) createPrivateFile(path);
    return new Database(path, { timeout: busyTimeoutMs });
  } catch (error) {
    throw new ConfigError([`the database file ${path} cannot be opened: ${messageOf(error)}`], { cause: error });
  }
}

/** Under the write lock, so that of two processes that start together one migrates and the other finds it done. */
function migrate(db: Database.Database): void {
  const found = findVersion(db);
  checkVersion(found);
  db.exec(createVersionTable);
  for (const statement of statementsFrom(found, sqliteDialect)) db.exec(statement);
}

function findVersion(db: Database.Database): number {
  const table = db.prepare("select 1 from sqlite_master where type = 'table' and name = 'schema_version'").get();
  if (table === undefined) return 0;
  return Number(db.prepare('select max(version) from schema_version').pluck().get() ?? 0);
}

function mergeJson(base: unknown, patch: unknown): unknown {
  if (patch === null) return base;
  return JSON.stringify({ ...JSON.parse(String(base)), ...JSON.parse(String(patch)) });
}

function removeKeys(base: unknown, keys: unknown): unknown {
  const removed = new Set<unknown>(JSON.parse(String(keys)));
  if (removed.size === 0) return base;
  return JSON.stringify(
    Object.fromEntries(Object.entries(JSON.parse(String(base))).filter(([key]) => !removed.has(key))),
  );
}

const parse = (text: unknown) => JSON.parse(String(text));

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
