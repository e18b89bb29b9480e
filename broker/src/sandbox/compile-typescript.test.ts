import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compileTypescript } from './compile-typescript.ts';
import { codeOf, endingOf, originalOf } from './compiled-script.ts';
import { type SandboxWorld, startSandboxWorld } from './testing/sandbox-world.ts';

let world: SandboxWorld;
beforeAll(async () => {
  world = await startSandboxWorld((_request, response) => response.end('{}'));
});
afterAll(() => world.close());

function compiled(source: string): string {
  const result = compileTypescript(source);
  if ('error' in result) throw new Error(result.error.message);
  return result.code;
}

const runProfile = async (source: string) => {
  const { outcome } = await world.runScript({
    source: compiled(source),
    filename: 'streamly.fetchUserProfile.ts',
    entry: { kind: 'callback', arguments: ['a-token', { level: 1 }] },
  });
  return outcome;
};

const runAction = async (source: string) => {
  const api = {
    trigger: 'post-login',
    cache: {},
    redirect: { mayRedirect: false, issuer: '', subject: '', ip: '', state: undefined, parameters: {} },
  } as const;
  const { outcome } = await world.runScript({
    source: compiled(source),
    filename: 'act.v1.js',
    entry: { kind: 'action', handler: 'onExecutePostLogin', event: { secrets: {} }, api },
  });
  return outcome;
};

describe('what TypeScript becomes', () => {
  test.each([
    'function named(token: string): void { run<string>(token); }',
    'function (token: string, ctx: object) { return token!; }',
    'async (token: string) => (token as unknown)',
    'async function (token: string) {};\n// the end: ";"',
    "import type { A } from './a.ts';\ninterface B { c: A }\nmodule.exports = (token: string): B => ({ c: token });",
  ])('the code has no types and carries the text as it was written: %j', (source) => {
    expect(codeOf(compiled(source))).not.toMatch(/: (string|object|void|B)|<string>|interface|import/);
    expect(originalOf(compiled(source))).toBe(source);
  });

  test.each([
    'function f() {}',
    'function f() {}\n//# sourceMappingURL=f.js.map',
    'function f() {\n//# sourceMappingURL=data:application/json;base64,e30=\n  return 1;\n}',
  ])('plain JavaScript is its own code and its own original: %j', (source) => {
    expect([codeOf(source), originalOf(source), endingOf(source)]).toEqual([source, source, '.js']);
  });

  test.each([
    `const one: number = 1; ${'/'.repeat(100)}\nexport default (token: string) => one;`,
    `(token: string) => 1; ${'/'.repeat(100)}\n/* ${'*'.repeat(100)} **/ // ; /*`,
  ])('rulers of slashes and stars are comments, however long: %s', (source) => {
    expect(compileTypescript(source)).toEqual({ code: expect.stringContaining('=>') });
  });

  test.each([
    { source: 'function f(a: ) {}', line: 1 },
    { source: 'function f() {\n  const a: string = ;\n}', line: 2 },
  ])('what cannot be compiled is refused with its line: $source', ({ source, line }) => {
    expect(compileTypescript(source)).toEqual({ error: { message: expect.stringMatching(/Unexpected/), line } });
  });
});

describe('TypeScript that is run', () => {
  test('enum, namespace and parameter properties work in a profile script', async () => {
    const outcome = await runProfile(`enum Level { Free, Paid }
namespace Plans { export const names: Record<number, string> = { [Level.Paid]: 'paid' }; }
class Person { constructor(readonly id: string, private level: Level) {} get plan() { return Plans.names[this.level]; } }
function fetchUserProfile(accessToken: string, ctx: { level: Level }, callback: Function): void {
  const person = new Person('u-1', ctx.level);
  callback(null, { user_id: person.id, plan: person.plan });
}`);
    expect(outcome).toEqual({ ok: true, value: { user_id: 'u-1', plan: 'paid' } });
  });

  test.each([
    'interface T {}\n\n(token: T, ctx: object, callback: Function): void => callback(null, { user_id: "u-1" });\n',
    'type T = string; const helper = () => 1; const fetchUserProfile = (token: T, ctx: object, callback: Function) => callback(null, { user_id: "u-" + helper() }); const after = () => 2;',
    'type T = string; const only: Function = async (token: T, ctx: object, callback: Function) => callback(null, { user_id: "u-1" });',
    'const one = 1; module.exports = function (token: string, ctx: object, callback: Function) { callback(null, { user_id: "u-" + one }); };',
  ])('a file of several statements is what it exports, or the function that it is about: %s', async (source) => {
    expect(await runProfile(source)).toEqual({ ok: true, value: { user_id: 'u-1' } });
  });

  test('import and export work in an Action and in a profile script', async () => {
    const action = await runAction(`import type { PostLoginApi, PostLoginEvent } from 'portico/types';
import _ from 'lodash';
export const onExecutePostLogin = async (event: PostLoginEvent, api: PostLoginApi) => {
  api.idToken.setCustomClaim('initials', _.capitalize('ada'));
};`);
    expect(action).toEqual({
      ok: true,
      value: { effects: [{ name: 'idToken.setCustomClaim', arguments: ['initials', 'Ada'] }] },
    });
    const profile = await runProfile(
      `export default (token: string, ctx: object, callback: Function) => callback(null, { user_id: 'u-1' });`,
    );
    expect(profile).toEqual({ ok: true, value: { user_id: 'u-1' } });
  });

  test('line, column and every frame of an error are those of the TypeScript', async () => {
    const outcome = await runProfile(`enum Kind {
  One,
}

function fail(kind: Kind): never {
  const label: string = Kind[kind]; throw new Error(label);
}

function fetchUserProfile(token: string, ctx: object, callback: Function): void {
  fail(Kind.One);
}`);
    expect(outcome).toMatchObject({ kind: 'runtime', message: expect.stringContaining('One'), line: 6, column: 43 });
    const stack = 'stack' in outcome ? outcome.stack : '';
    expect(stack).toContain('streamly.fetchUserProfile.ts:6:43');
    expect(stack).toContain('streamly.fetchUserProfile.ts:10:3');
  });

  test('an anonymous function keeps the columns of its first line', async () => {
    const source = `function (token: string, ctx: object, callback: Function): void { throw new Error('at once'); }`;
    const outcome = await runProfile(source);
    expect(outcome).toMatchObject({ kind: 'runtime', line: 1, column: source.indexOf('new Error') + 1 });
    const second = await runProfile(
      `(token: string, ctx: object, callback: Function) => {\n  throw new Error('x');\n};`,
    );
    expect(second).toMatchObject({ kind: 'runtime', line: 2, column: 9 });
  });

  test('the place of an error that Portico raises for a script is that of the TypeScript too', async () => {
    const outcome = await runProfile(`interface Unused { a: string }

function fetchUserProfile(token: string, ctx: object, callback: Function): void {
  const lost: unknown = require('not-a-module');
}`);
    expect(outcome).toMatchObject({ kind: 'runtime', line: 4 });
  });

  test('a map that cannot be read leaves the places of the code', async () => {
    const { outcome } = await world.runScript({
      source: 'function f() {\n  throw new Error("x");\n}\n//# sourceMappingURL=data:application/json;base64,e30x',
      entry: { kind: 'callback', arguments: [] },
    });
    expect(outcome).toMatchObject({ kind: 'runtime', line: 2, column: 9 });
  });
});
