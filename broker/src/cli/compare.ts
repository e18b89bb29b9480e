import { isDeepStrictEqual } from 'node:util';

/** What differs between two values, a line for each side and place; nothing if they are equal. */
export function listDifferences(expected: unknown, actual: unknown, path = ''): string[] {
  if (isDeepStrictEqual(expected, actual)) return [];
  if (isBranch(expected) && isBranch(actual)) {
    const names = new Set([...Object.keys(expected), ...Object.keys(actual)]);
    return [...names].flatMap((name) =>
      listDifferences(member(expected, name), member(actual, name), path === '' ? name : `${path}.${name}`),
    );
  }
  return [...side('-', path, expected), ...side('+', path, actual)];
}

const isBranch = (value: unknown): value is object => typeof value === 'object' && value !== null;

const member = (value: object, name: string): unknown =>
  Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;

const side = (mark: string, path: string, value: unknown): string[] =>
  value === undefined ? [] : [`${mark} ${path}: ${JSON.stringify(value)}`];
