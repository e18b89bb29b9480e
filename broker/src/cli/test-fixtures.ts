import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { ScriptModule } from '../sandbox/sandbox.ts';
import { listDifferences } from './compare.ts';
import { CommandError } from './deps.ts';
import { fixtureEnding, readFixture, runFixture } from './fixture.ts';
import { printRun } from './print-run.ts';
import { readScript } from './read-script.ts';
import type { RecordedModules } from './recorded-modules.ts';
import { toResult } from './result.ts';
import type { RunScript } from './runner.ts';

export type FixtureReport = {
  readonly file: string;
  readonly isPassed: boolean;
  readonly ms: number;
  /** `- expected` and `+ actual`, or why it could not be run. */
  readonly differences: readonly string[];
  /** The whole run, where it did not pass. */
  readonly story?: string;
};

/** All fixtures of a folder and below, in order of their names. */
export function listFixtures(directory: string): readonly string[] {
  if (!existsSync(directory)) throw new CommandError(`there is no folder ${directory}`);
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(fixtureEnding) && !/(^|[\\/])node_modules[\\/]/.test(path))
    .map((path) => join(directory, path))
    .sort();
}

export type FixtureDeps = {
  readonly run: RunScript;
  /** Texts of the modules that a fixture names. */
  readonly readModules: (recorded: RecordedModules) => Promise<Readonly<Record<string, ScriptModule>>>;
};

export async function testFixture({ run, readModules }: FixtureDeps, file: string): Promise<FixtureReport> {
  try {
    const fixture = readFixture(file);
    const script = readScript(resolve(dirname(file), fixture.script));
    const modules = await readModules(fixture.modules ?? {});
    const ended = await runFixture(run, fixture, { script, modules });
    const differences = listDifferences(fixture.expected, toResult(ended, fixture));
    const isPassed = differences.length === 0;
    return { file, isPassed, ms: ended.ms, differences, ...(isPassed ? {} : { story: printRun(ended) }) };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return { file, isPassed: false, ms: 0, differences: [error.message] };
  }
}

export const printReport = ({ file, isPassed, ms, differences }: FixtureReport): string =>
  [`${isPassed ? 'ok  ' : 'FAIL'} ${file} (${ms} ms)`, ...differences.map((line) => `     ${line}`)].join('\n');

/** What continuous integration reads. */
export function toJunit(reports: readonly FixtureReport[]): string {
  const failures = reports.filter(({ isPassed }) => !isPassed).length;
  const cases = reports.map(({ file, isPassed, ms, differences, story = '' }) => {
    const open = `  <testcase classname="portico" name="${toXmlText(file)}" time="${ms / 1000}"`;
    if (isPassed) return `${open}/>`;
    const text = toXmlText([...differences, '', story].join('\n'));
    return `${open}>\n    <failure message="${toXmlText(differences[0] ?? '')}">${text}</failure>\n  </testcase>`;
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite name="portico scripts" tests="${reports.length}" failures="${failures}">`,
    ...cases,
    '</testsuite>',
    '',
  ].join('\n');
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** XML has no place for control characters, not even escaped. */
const toXmlText = (text: string): string =>
  text
    .replace(/[&<>"]/g, (letter) => entities[letter] ?? letter)
    .replace(/[^\P{Cc}\n\t]/gu, '?')
    .toWellFormed();
