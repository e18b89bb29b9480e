import type { Summary } from './statistics.ts';

/** Columns as wide as their widest cell; the first to the left, the others to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export const withSpread = (summary: Summary, digits: number): string =>
  `${summary.median.toFixed(digits)} [${summary.low.toFixed(digits)}–${summary.high.toFixed(digits)}]`;
