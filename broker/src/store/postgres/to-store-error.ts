import pg from 'pg';
import { StoreError } from '../../core/errors.ts';

const uniqueViolation = '23505';
const foreignKeyViolation = '23503';
/** Deadlock, serialization failure, and a prepared statement whose preparation was in a transaction that failed. */
const repeatable = new Set(['40P01', '40001', '26000']);
/** Connection, resources, operator intervention (restart, timeout, read-only standby). */
const unavailableClasses = new Set(['08', '53', '57', '58', '25', '28', '3D', '55']);

/** The server undid the whole unit of work, so sending it again is safe. */
export const isRepeatable = (error: unknown): boolean =>
  error instanceof StoreError && error.cause instanceof pg.DatabaseError && repeatable.has(error.cause.code ?? '');

/** What PostgreSQL or the connection reports, in our words. Errors of a statement itself are bugs and stay what they are. */
export function toStoreError(error: unknown): unknown {
  if (error instanceof StoreError) return error;
  if (!(error instanceof pg.DatabaseError)) return unavailable(error);
  const code = error.code ?? '';
  if (code === uniqueViolation || code === foreignKeyViolation) {
    return new StoreError('conflict', 'A row with this key exists, or one it belongs to does not', {
      detail: `${error.table ?? ''} ${error.constraint ?? ''}`.trim(),
      cause: error,
    });
  }
  if (repeatable.has(code) || unavailableClasses.has(code.slice(0, 2))) return unavailable(error);
  return error;
}

export function unavailable(cause: unknown): StoreError {
  const detail = cause instanceof Error ? cause.message : String(cause);
  return new StoreError('unavailable', 'The database did not answer', { detail, cause });
}
