import { expect, test } from 'vitest';
import { compileTypescript } from './compile-typescript.ts';

test.each([
  'function named(token: string): void { run<string>(token); }',
  'function (token: string, ctx: object) { return token!; }',
  'async (token: string) => (token as unknown)',
  'async function (token: string) {};\n// the end',
  "import type { A } from './a.ts';\ninterface B { c: A }\nmodule.exports = (token: string): B => ({ c: token });",
])('types become blanks, and everything else stays in its place: %j', (source) => {
  const compiled = compileTypescript(source);
  const code = 'code' in compiled ? compiled.code : compiled.error.message;
  expect(code).not.toMatch(/: (string|object|void|B)|<string>|interface|import/);
  expect(code).toHaveLength(source.length);
  expect(code.split('\n')).toHaveLength(source.split('\n').length);
  for (const [index, letter] of [...code].entries()) expect([source[index], ' ', ';']).toContain(letter);
});

test.each([
  { source: 'function f() {\n  enum Level { One }\n}', line: 2, message: /enum is not supported/ },
  { source: 'class A {\n  constructor(private b: string) {}\n}', line: 2, message: /parameter property/ },
  { source: 'function f(a: ) {}', line: 1, message: /./ },
])('what cannot be compiled is refused with its line: $source', ({ source, line, message }) => {
  expect(compileTypescript(source)).toEqual({ error: { message: expect.stringMatching(message), line } });
});
