import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/*
 * docs/compatibility.md says of each module what comes of it; here it is compared with the tests that there are.
 */

const here = import.meta.dirname;
const page = readFileSync(join(here, '../../../docs/compatibility.md'), 'utf8');
const section = /\n## Conformance modules\n(.*?)(?=\n## |$)/s.exec(page)?.[1] ?? '';
const rows = [...section.matchAll(/^\| `([\w-]+)` \| (passes|differs|not offered) \| (.*?) ?\|$/gm)].map(
  ([, module = '', result = '', reason = '']) => ({ module, result, reason }),
);
const withResult = (...results: string[]) =>
  rows.filter(({ result }) => results.includes(result)).map(({ module }) => module);

/** A test is titled like its module and nothing else. */
const titles = readdirSync(here)
  .filter((name) => name.endsWith('.ts') && name !== 'modules.test.ts')
  .flatMap((name) => [...readFileSync(join(here, name), 'utf8').matchAll(/'(oidcc-[\w-]+)'/g)])
  .map(([, title = '']) => title)
  .filter((title) => !title.endsWith('-certification-test-plan'));

test('each module that passes or differs is a test by its name, and each test is in the table', () => {
  expect([...new Set(titles)].sort()).toEqual(withResult('passes', 'differs').sort());
});

test('no module is in the table twice, and what does not pass says why', () => {
  expect(new Set(rows.map(({ module }) => module)).size).toBe(rows.length);
  expect(rows.filter(({ result, reason }) => result !== 'passes' && reason === '')).toEqual([]);
});
