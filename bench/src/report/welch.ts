export type Welch = { readonly t: number; readonly meanDifference: number };

/**
 * Welch's t of two samples: how many standard errors lie between their means. `keep`: the share of the fastest of both
 * together that counts, since the slowest are the machine's mood.
 */
export function welch(left: readonly number[], right: readonly number[], keep: number): Welch {
  const limit = [...left, ...right].sort((a, b) => a - b)[Math.ceil((left.length + right.length) * keep) - 1] ?? 0;
  const [one, other] = [left, right].map((values) => moments(values.filter((value) => value <= limit)));
  if (one === undefined || other === undefined) throw new Error('two samples are compared');
  const meanDifference = one.mean - other.mean;
  return { t: meanDifference / Math.sqrt(one.variance / one.count + other.variance / other.count), meanDifference };
}

function moments(values: readonly number[]) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { count: values.length, mean, variance: squares / (values.length - 1) };
}
