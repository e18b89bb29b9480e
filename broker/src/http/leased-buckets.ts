import type { Pace } from '../core/rate.ts';
import type { Buckets } from './rate-limit.ts';

/** `Buckets` that others take from, too: in a database. */
export type SharedBuckets = (key: string, pace: Pace, now: Date) => Promise<number | undefined>;

type Lease = {
  /** Of the shared bucket, once all tokens of the lease are spent. */
  readonly fullAt: number;
  tokens: number;
  /** By then the bucket is full again, whoever has tokens of it. */
  readonly endsAt: number;
};

type State = { lease?: Lease; lot: number; emptyUntil: number; fetching?: Promise<void> | undefined };

/** A lot is this part of what a bucket holds. */
const lotsPerBucket = 10;
/** Buckets that are remembered; the ones that came first go first. */
const maxStates = 10_000;

/**
 * Takes tokens out of shared buckets in lots, so that not every request has to ask the database. Together brokers never
 * give more tokens than there are; one that does not need its lot keeps a tenth of a bucket from the others, for as long as
 * a bucket takes to fill. A bucket that was found empty is not asked again before a token can be back.
 */
export function createLeasedBuckets(shared: SharedBuckets): Buckets {
  const states = new Map<string, State>();

  function stateOf(key: string, pace: Pace): State {
    const known = states.get(key);
    if (known !== undefined) return known;
    const state: State = { lot: lotOf(pace), emptyUntil: 0 };
    const [oldest] = states.keys();
    if (states.size >= maxStates && oldest !== undefined) states.delete(oldest);
    states.set(key, state);
    return state;
  }

  async function renew(state: State, key: string, { intervalMs, capacityMs }: Pace, now: Date): Promise<void> {
    const ask = (tokens: number) => shared(key, { intervalMs: intervalMs * tokens, capacityMs }, now);
    const whole = await ask(state.lot);
    const tokens = whole === undefined ? 1 : state.lot;
    const fullAt = whole ?? (state.lot > 1 ? await ask(1) : undefined);
    // Near the end tokens are taken one by one, and in growing lots once there are more.
    state.lot = whole === undefined ? 1 : Math.min(lotOf({ intervalMs, capacityMs }), state.lot * 2);
    if (fullAt === undefined) state.emptyUntil = now.getTime() + intervalMs;
    else state.lease = { fullAt, tokens, endsAt: now.getTime() + capacityMs };
  }

  return async (key, pace, date) => {
    const state = stateOf(key, pace);
    const now = date.getTime();
    for (;;) {
      const { lease } = state;
      if (lease !== undefined && lease.tokens > 0 && now < lease.endsAt) {
        lease.tokens -= 1;
        return lease.fullAt - lease.tokens * pace.intervalMs;
      }
      if (now < state.emptyUntil) return undefined;
      state.fetching ??= renew(state, key, pace, date).finally(() => {
        state.fetching = undefined;
      });
      await state.fetching;
    }
  };
}

const lotOf = ({ intervalMs, capacityMs }: Pace): number =>
  Math.max(1, Math.floor(capacityMs / intervalMs / lotsPerBucket));
