import Database from 'better-sqlite3';
import { StoreError } from '../../core/errors.ts';

const conflicts = new Set(['SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_PRIMARYKEY', 'SQLITE_CONSTRAINT_FOREIGNKEY']);

/** What SQLite reports, in our words. Errors of a statement itself are bugs and stay what they are. */
export function toStoreError(error: unknown): unknown {
  if (error instanceof StoreError) return error;
  if (!(error instanceof Database.SqliteError)) return error;
  if (conflicts.has(error.code)) {
    return new StoreError('conflict', 'A row with this key exists, or one it belongs to does not', {
      detail: error.message,
      cause: error,
    });
  }
  if (error.code === 'SQLITE_ERROR' || error.code.startsWith('SQLITE_CONSTRAINT')) return error;
  return unavailable(error);
}

export function unavailable(cause: unknown): StoreError {
  const detail = cause instanceof Error ? cause.message : String(cause);
  return new StoreError('unavailable', 'The database did not answer', { detail, cause });
}
