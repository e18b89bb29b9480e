import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { originalOf } from '../sandbox/compiled-script.ts';
import { placeholdersFor } from '../sandbox/entry-secrets.ts';
import type { RecordedRun } from '../sandbox/recording-sandbox.ts';
import type { RecordedExchange, ScriptEntry, ScriptModule } from '../sandbox/sandbox.ts';
import { CommandError } from './deps.ts';
import { readText, type ScriptFile } from './read-script.ts';
import { hiddenSecret, type Result } from './result.ts';
import type { RunScript } from './runner.ts';

/** A recorded run as a test: a script, what it is given, what its requests get, and what must come of it. */
const fixtureSchema = Type.Object({
  format: Type.Literal('portico-fixture-1'),
  /** Relative to the fixture. */
  script: Type.String({ minLength: 1 }),
  /** true: the result is checked and read as a profile. */
  isProfile: Type.Boolean(),
  entry: Type.Object(
    { kind: Type.Union(['callback', 'return', 'action', 'rule'].map((kind) => Type.Literal(kind))) },
    { additionalProperties: true },
  ),
  /** npm modules that the script may require, by what it writes. */
  modules: Type.Optional(
    Type.Record(Type.String(), Type.Object({ name: Type.String(), version: Type.String(), hash: Type.String() })),
  ),
  /** Of the `configuration` of a Rule; each stands for a placeholder. */
  secretNames: Type.Optional(Type.Array(Type.String())),
  exchanges: Type.Array(Type.Object({ method: Type.String(), url: Type.String() }, { additionalProperties: true })),
  expected: Type.Record(Type.String(), Type.Unknown()),
});
export type Fixture = Static<typeof fixtureSchema>;

export const fixtureEnding = '.fixture.json';

export function readFixture(file: string): Fixture {
  let value: unknown;
  try {
    value = JSON.parse(readText(file));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new CommandError(`${file} is not JSON`);
  }
  if (Value.Check(fixtureSchema, value)) return value;
  const [first] = [...Value.Errors(fixtureSchema, value)];
  throw new CommandError(`${file} is not a fixture: ${first?.path || '/'}: ${first?.message}`);
}

/** Runs the fixture's script against its recorded answers. */
export const runFixture = (
  run: RunScript,
  { entry, exchanges, secretNames = [] }: Fixture,
  { script, modules }: { readonly script: ScriptFile; readonly modules: Readonly<Record<string, ScriptModule>> },
): Promise<RecordedRun> =>
  run({
    ...script,
    modules,
    // What a recording has; a hand-made entry that lacks a part fails the run, not the broker.
    entry: entry as unknown as ScriptEntry,
    ...(entry.kind === 'rule' ? { configuration: placeholdersFor(secretNames) } : {}),
    secrets: [hiddenSecret],
    replay: exchanges as unknown as readonly RecordedExchange[],
  });

/** Differs from day to day and says nothing about the script. */
const volatileHeaders = new Set(['date', 'connection', 'keep-alive', 'transfer-encoding']);

/** The same recording gives the same bytes: no times, members in order. */
export function writeFixture(
  file: string,
  given: {
    readonly run: RecordedRun;
    readonly scriptFile: string;
    readonly isProfile: boolean;
    readonly result: Result;
  },
): void {
  const { run, scriptFile, isProfile, result } = given;
  const exchanges = run.exchanges.map(({ method, url, status, error, request, response }) => ({
    method,
    url,
    status,
    error,
    request: { headers: inOrder(request.headers), body: request.body },
    response: response && {
      url: response.url,
      headers: inOrder(
        Object.fromEntries(Object.entries(response.headers).filter(([name]) => !volatileHeaders.has(name))),
      ),
      body: response.body,
    },
  }));
  const script = relative(dirname(resolve(file)), resolve(scriptFile));
  const fixture = {
    format: 'portico-fixture-1',
    script,
    isProfile,
    entry: inOrder(run.entry),
    ...(run.secretNames === undefined ? {} : { secretNames: run.secretNames }),
    ...(Object.keys(run.modules).length === 0 ? {} : { modules: inOrder(run.modules) }),
    exchanges,
    expected: inOrder(result),
  };
  mkdirSync(dirname(resolve(file)), { recursive: true });
  writeFileSync(file, `${JSON.stringify(fixture, null, 2)}\n`);
}

/** The script of a recording beside its fixture, as it was written; another text under that name is not overwritten. */
export function keepScript(directory: string, { source, filename }: ScriptFile): string {
  const file = join(directory, filename);
  const text = originalOf(source);
  if (existsSync(file) && readFileSync(file, 'utf8') !== text) {
    throw new CommandError(`${file} holds another script: move it away, or name the right one with --script`);
  }
  mkdirSync(directory, { recursive: true });
  writeFileSync(file, text);
  return file;
}

function inOrder<Part>(value: Part): Part {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(inOrder) as Part;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([name, member]) => [name, inOrder(member)])) as Part;
}
