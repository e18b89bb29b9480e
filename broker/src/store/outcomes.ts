import { StoreError } from '../core/errors.ts';
import type { WriteOptions } from './compile.ts';

/* What the rows that a write returns mean. */

export const nothing = (): void => {};

export const isFound = (rows: readonly unknown[]): boolean => rows.length > 0;

export const countOf = (rows: readonly unknown[]): number => rows.length;

/** For writes to a row that must be there; goes with `mayConflict`. */
export function getOnly<Row>(rows: readonly Row[]): Row {
  const [row] = rows;
  if (row === undefined) throw new StoreError('conflict', 'The row to change does not exist');
  return row;
}

export function checkFound(rows: readonly unknown[]): void {
  getOnly(rows);
}

/** For state that lives minutes: it survives the end of the process. */
export const shortLived: WriteOptions = { isShortLived: true };
export const configuration: WriteOptions = { changesConfiguration: true };
export const configurationThatMustExist: WriteOptions = { changesConfiguration: true, mayConflict: true };
