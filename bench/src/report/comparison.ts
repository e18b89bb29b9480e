import type { Lane } from '../load/lane.ts';
import type { Round, Slice } from '../load/measure.ts';
import { type Summary, summarize } from './statistics.ts';

/** Reads per-round values of lanes by name, and the ratios of two lanes within the same round. */
export type Comparison = {
  rate(lane: string): Summary;
  cpuMs(lane: string): Summary;
  /** CPU per operation of `lane` as a share of that of `baseline`: below 1, `lane` is the cheaper. */
  cpuRatio(lane: string, baseline: string): Summary;
  /** The same once the signatures of both are taken off: what the two programs themselves cost. */
  cpuRatioBeyondRsa(lane: string, baseline: string, signer: string): Summary;
  /** How much of the lane's CPU its RSA signatures alone would take; undefined for a lane that signs nothing. */
  rsaShare(lane: string, signer: string): Summary | undefined;
};

export function compare(lanes: readonly Lane[], rounds: readonly Round[]): Comparison {
  const indexOf = (name: string): number => {
    const index = lanes.findIndex((lane) => lane.name === name);
    if (index < 0) throw new Error(`no lane ${name}`);
    return index;
  };
  const signaturesOf = (name: string): number => lanes[indexOf(name)]?.signatures ?? 0;
  const slices = (name: string): readonly Slice[] => {
    const index = indexOf(name);
    return rounds.flatMap((round) => round[index] ?? []);
  };
  const perRound = (name: string, other: string, combine: (lane: Slice, other: Slice) => number): Summary => {
    const others = slices(other);
    return summarize(
      slices(name).flatMap((slice, round) => {
        const beside = others[round];
        return beside ? combine(slice, beside) : [];
      }),
    );
  };
  return {
    rate: (name) => summarize(slices(name).map((slice) => slice.operationsPerSecond)),
    cpuMs: (name) => summarize(slices(name).map((slice) => slice.cpuMs)),
    cpuRatio: (name, baseline) => perRound(name, baseline, (lane, other) => lane.cpuMs / other.cpuMs),
    cpuRatioBeyondRsa(name, baseline, signer) {
      const signing = slices(signer);
      const beyond = (lane: string): readonly number[] =>
        slices(lane).map((slice, round) => slice.cpuMs - signaturesOf(lane) * (signing[round]?.cpuMs ?? Number.NaN));
      const others = beyond(baseline);
      return summarize(beyond(name).map((value, round) => value / (others[round] ?? Number.NaN)));
    },
    rsaShare(name, signer) {
      const signatures = signaturesOf(name);
      if (signatures === 0) return undefined;
      return perRound(name, signer, (lane, signature) => (signatures * signature.cpuMs) / lane.cpuMs);
    },
  };
}
