import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { analyse } from 'scslre';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ManagementDeps } from '../../src/management/deps.ts';
import { endpointsOf } from '../../src/management/management.ts';
import { isAmbiguous } from './find-ambiguity.ts';
import { type Found, findExpressions } from './find-expressions.ts';

/*
 * API-21: no regular expression takes more than linear time, whatever it is given. Literals and what is composed of
 * constants are read from the syntax tree of every source file, patterns of bodies and queries from their schemas.
 */

const root = join(import.meta.dirname, '../../..');
const isTest = (path: string) => /(^|\/)(test|testing|fixtures)\/|\.test\.ts$/.test(path);

/** How often an expression begins anew is no danger where what it is matched against is our own text. */
const isSlow = ({ source, flags, path }: Found): boolean =>
  isAmbiguous({ source, flags }) ||
  analyse({ source, flags }, { reportTypes: { Move: !isTest(path) }, assumeRejectingSuffix: false }).reports.length > 0;

const show = ({ path, source, flags }: Found) => `${path}: /${source}/${flags}`;

describe('API-21: regular expressions', () => {
  let found: Found[];
  beforeAll(() => {
    const paths = globSync('{broker,demo,bench,scripts}/**/*.{ts,tsx,js,mjs}', {
      cwd: root,
      exclude: ['**/node_modules/**', '**/dist/**', '**/fixtures/**'],
    });
    found = paths.flatMap((path) => findExpressions({ path, text: readFileSync(join(root, path), 'utf8') }));
  });

  test('none of a source file can be made slow', () => {
    expect(found.length).toBeGreaterThan(500);
    expect(found.filter(isSlow).map(show)).toEqual([]);
  });

  test('none in the schema of a body or a query can be made slow', () => {
    const patterns = endpointsOf({} as ManagementDeps).flatMap(({ method, path, body, query }) =>
      patternsOf([body, query]).map((source) => ({ path: `${method} ${path}`, source, flags: 'u' })),
    );
    expect(patterns.length).toBeGreaterThan(20);
    expect(patterns.filter(isSlow).map(show)).toEqual([]);
  });

  test('none is made of what comes in while the program runs', () => {
    const composed = (path: string) => found.filter((each) => each.path === path && each.isComposed).length;
    const made = globSync('{broker/src,demo/src,bench/src,scripts}/**/*.{ts,mjs}', {
      cwd: root,
      exclude: ['**/dist/**', '**/*.test.ts'],
    }).filter((path) => (readFileSync(join(root, path), 'utf8').match(/\bRegExp\(/g)?.length ?? 0) > composed(path));
    // What a script copies is its own, and runs on its own time.
    expect(made).toEqual(['broker/src/sandbox/guest/modules/structured-clone.mjs']);
  });

  test.each([
    'const a = /^(a+)+$/;',
    'const a = /^(?:a|a)*$/;',
    'const a = /^(?:a|aa)*$/;',
    'const a = /^(?:a*)*b/;',
    'const a = /^(?:ab|a|ba)*$/;',
    'const a = /x(?=(?:\\w|\\d)*;)/;',
    'const a = /^ +(.+)$/;',
    'const a = /,+$/;',
    `const a = 'x+'; const b = new RegExp(\`^(\${a})+$\`, 'g');`,
    "export const a = (text: string) => text.replace(/(?:\\d|\\w)*;/, '');",
  ])('of what is tried here, %s is found', (text) => {
    expect(findExpressions({ path: 'broker/src/a.ts', text }).filter(isSlow)).toHaveLength(1);
  });

  test.each([
    'const a = /^[a-z]+:\\d+$/;',
    'const a = /^(?:ab|ac|b)*$/;',
    'const a = /^(?:[^"\\\\]|\\\\.)*"/;',
    'const a = 4 / 2 / 1;',
    "const a = '/(a+)+$/';",
    '// /(a+)+$/',
  ])('%s is fine', (text) => {
    expect(findExpressions({ path: 'broker/src/a.ts', text }).filter(isSlow)).toEqual([]);
  });
});

/** Every `pattern` and key of `patternProperties`, at any depth. */
function patternsOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([name, value]) => {
    if (name === 'pattern' && typeof value === 'string') return [value];
    const keys = name === 'patternProperties' ? Object.keys(value as object) : [];
    return [...keys, ...patternsOf(value)];
  });
}
