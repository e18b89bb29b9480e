export type Target = {
  readonly what: string;
  readonly value: number;
  /** The value may be at most this. */
  readonly limit: number;
  readonly unit: string;
};

export const isMet = (target: Target): boolean => target.value <= target.limit;

export const targetLines = (targets: readonly Target[]): readonly string[] =>
  targets.map((target) => {
    const unit = target.unit === '' ? '' : ` ${target.unit}`;
    const values = `${formatTarget(target.value)}${unit}, at most ${formatTarget(target.limit)}${unit}`;
    return `  ${isMet(target) ? 'met   ' : 'MISSED'}  ${target.what}: ${values}`;
  });

const formatTarget = (value: number): string => (value >= 10 ? value.toFixed(0) : value.toFixed(2));
