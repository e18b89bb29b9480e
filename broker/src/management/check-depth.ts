import { ApiError } from '../core/errors.ts';

/** Deeper than any configuration; what validates and stores it may recurse. */
const maxDepth = 64;

/** Throws ApiError 400 if a JSON value is nested too deeply. Walks level by level, so that no depth overflows it. */
export function checkDepth(value: unknown): void {
  let level: readonly unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > maxDepth) throw new ApiError(400, 'The payload is nested too deeply', { code: 'invalid_body' });
    level = level.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []));
  }
}
