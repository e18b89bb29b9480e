import { basename } from 'node:path';
import type { CorpusResult, ScenarioResult } from './run-corpus.ts';
import { scenarioNames } from './scenarios.ts';

const width = 12;
const controls = /\p{Cc}+/gu;

/** Of the runs that failed, from the cause to the end; undefined: none did. */
function slowestEnd(files: CorpusResult['files']): number | undefined {
  const failed = files.flatMap((file) => scenarioNames.map((name) => file[name])).filter(isFailed);
  return failed.length === 0 ? undefined : Math.max(...failed.map(({ afterCauseMs }) => afterCauseMs));
}

const showMs = (ms: number | undefined): string => (ms === undefined ? '-' : `${ms} ms`);
const isFailed = ({ outcome }: ScenarioResult): boolean => outcome !== 'ok';

/** A line for each file, the reasons of those that did not succeed, and the counts. */
export function printCorpus({ summary, files }: CorpusResult): string {
  const nameWidth = Math.max(4, ...files.map(({ file }) => basename(file).length));
  const row = (name: string, cells: readonly string[]): string =>
    `${name.padEnd(nameWidth)}  ${cells.map((cell) => cell.padEnd(width)).join('')}`.trimEnd();
  const table = files.map((file) =>
    row(basename(file.file), [...scenarioNames.map((name) => file[name].outcome), showMs(slowestEnd([file]))]),
  );
  const reasons = files
    .filter(({ success }) => success.outcome !== 'ok')
    .map(({ file, success }) => `${basename(file)}: ${(success.reason ?? success.outcome).replace(controls, ' ')}`);
  const slowest = scenarioNames.map((name) => `${Math.max(0, ...files.map((file) => file[name].ms))} ms`);
  return [
    row('file', [...scenarioNames, 'after cause']),
    ...table,
    row(
      '',
      [...slowest, showMs(slowestEnd(files))].map((ms) => `<= ${ms}`),
    ),
    '',
    ...(reasons.length === 0 ? [] : ['Not successful:', ...reasons, '']),
    `${summary.total} scripts: ${summary.success} succeed, ${summary.failed} do not; ${summary.hangs} hang in any scenario`,
    '',
  ].join('\n');
}
