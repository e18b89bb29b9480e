/** Median of per-round values, with the quartiles as the spread. */
export type Summary = { readonly median: number; readonly low: number; readonly high: number };

function quantile(sorted: readonly number[], share: number): number {
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? Number.NaN;
  return below + (above - below) * (position - Math.floor(position));
}

export const percentile = (values: readonly number[], share: number): number =>
  quantile(
    [...values].sort((left, right) => left - right),
    share,
  );

export function summarize(values: readonly number[]): Summary {
  const sorted = [...values].sort((left, right) => left - right);
  return { median: quantile(sorted, 0.5), low: quantile(sorted, 0.25), high: quantile(sorted, 0.75) };
}
