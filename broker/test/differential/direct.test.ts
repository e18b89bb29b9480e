import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { differences } from './differences.ts';
import { partSizes } from './generate.ts';
import { testAgainstLibrary } from './run.ts';

/* Pushed requests, revocations, and devices that ask for a code. */

testAgainstLibrary('direct');

test('the parts are 20,000 requests', () => {
  expect(Object.values(partSizes).reduce((sum, size) => sum + size, 0)).toBeGreaterThanOrEqual(20_000);
});

test('docs/compatibility.md explains each written difference, and no other', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/compatibility.md'), 'utf8');
  const section = /\n## Differences from the standard\n(.*?)(?=\n## |$)/s.exec(page)?.[1] ?? '';
  const documented = [...section.matchAll(/^\| `([a-z0-9-]+)` \|/gm)].map(([, id]) => id);
  expect(documented).toEqual(differences.map(({ id }) => id));
});
