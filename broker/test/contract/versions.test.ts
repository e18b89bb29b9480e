import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { read, rows, section } from '../support/documents.ts';

/* The table of docs/compatibility.md, the tests of this folder and what is installed say the same. */

const document = read('docs/compatibility.md');
const table = ['## Libraries', '## Management tools'].flatMap((heading) => rows(section(document, heading)));

test.each(table)('%s is driven by a file of its own, in version %s', (name, version) => {
  const installed = JSON.parse(read(`node_modules/${name}/package.json`)) as { version: string };
  expect(installed.version).toBe(version);
  type Package = Record<'dependencies' | 'devDependencies', Record<string, string>>;
  const { dependencies, devDependencies } = JSON.parse(read('broker/package.json')) as Package;
  const { [name ?? '']: wanted } = { ...dependencies, ...devDependencies };
  expect(wanted?.replace(/^npm:.*@/, '')).toBe(version);
});

test('every file drives a library of the table, and every library has a file', () => {
  const files = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.ts'))
    // A library with many calls has a second file: `<library>.<part>.test.ts`.
    .map((path) => path.replace(/^.*[\\/]|(?:\.[a-z]+)?\.test\.ts$/g, ''));
  const driven = table.map(([name = '']) => name.replace('@auth0/', ''));
  expect([...new Set(files)].filter((name) => name !== 'versions').sort()).toEqual(driven.sort());
});
