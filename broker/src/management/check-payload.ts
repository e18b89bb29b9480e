import { ApiError } from '../core/errors.ts';
import { validationError } from './problems.ts';

/** Deeper than any configuration; what validates and stores it may recurse. */
const maxDepth = 64;

/**
 * Throws ApiError 400 if a JSON value is nested too deeply, or has text that no database can store exactly. Walks level
 * by level, so that no depth overflows it.
 */
export function checkPayload(value: unknown): void {
  let level: readonly unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > maxDepth) throw new ApiError(400, 'The payload is nested too deeply', { code: 'invalid_body' });
    if (!level.every(isStorable)) throw validationError('Payload', [unstorable]);
    level = level.flatMap((item) => {
      if (typeof item !== 'object' || item === null) return [];
      return Array.isArray(item) ? item : [...Object.keys(item), ...Object.values(item)];
    });
  }
}

/** The same for the named parts of a path. */
export function checkPath(parts: Readonly<Record<string, string>>): void {
  if (!Object.values(parts).every(isStorable)) throw validationError('Path', [unstorable]);
}

const unstorable = "'Text has a NUL or half a character'";

/** PostgreSQL takes no NUL, and a lone surrogate would become another character. */
const isStorable = (value: unknown): boolean =>
  typeof value !== 'string' || (value.isWellFormed() && !value.includes('\0'));
