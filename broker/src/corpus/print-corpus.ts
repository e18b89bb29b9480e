import { basename } from 'node:path';
import type { CorpusResult } from './run-corpus.ts';
import { scenarioNames } from './scenarios.ts';

const width = 12;
const controls = /\p{Cc}+/gu;

/** A line for each file, the reasons of those that did not succeed, and the counts. */
export function printCorpus({ summary, files }: CorpusResult): string {
  const nameWidth = Math.max(4, ...files.map(({ file }) => basename(file).length));
  const row = (name: string, cells: readonly string[]): string =>
    `${name.padEnd(nameWidth)}  ${cells.map((cell) => cell.padEnd(width)).join('')}`.trimEnd();
  const table = files.map((file) =>
    row(
      basename(file.file),
      scenarioNames.map((name) => file[name].outcome),
    ),
  );
  const reasons = files
    .filter(({ success }) => success.outcome !== 'ok')
    .map(({ file, success }) => `${basename(file)}: ${(success.reason ?? success.outcome).replace(controls, ' ')}`);
  const slowest = scenarioNames.map((name) => `${Math.max(0, ...files.map((file) => file[name].ms))} ms`);
  return [
    row('file', scenarioNames),
    ...table,
    row(
      '',
      slowest.map((ms) => `<= ${ms}`),
    ),
    '',
    ...(reasons.length === 0 ? [] : ['Not successful:', ...reasons, '']),
    `${summary.total} scripts: ${summary.success} succeed, ${summary.failed} do not; ${summary.hangs} hang in any scenario`,
    '',
  ].join('\n');
}
