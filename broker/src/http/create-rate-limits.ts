import { createAttemptLimit } from '../core/attempt-limit.ts';
import type { Clock } from '../core/clock.ts';
import { createLeasedBuckets, type SharedBuckets } from './leased-buckets.ts';
import type { StrangerLimits } from './limit-strangers.ts';
import { createMemoryBuckets, createRateLimit, type RateLimit } from './rate-limit.ts';

type RateLimitDeps = {
  readonly clock: Clock;
  /** Requests per second; 0: no limit. */
  readonly managementRate: number;
  readonly addressRate: number;
  /** Where several brokers count together. */
  readonly sharedBuckets: SharedBuckets;
};

export type RateLimits = {
  readonly management: { readonly perClient: RateLimit; readonly all: RateLimit } | undefined;
  readonly strangers: StrangerLimits | undefined;
};

/** Proofs of one application that fail, by address. */
const failedProofs = { max: 100, windowSeconds: 300 };

/** All limits of a broker. Those of strangers are in its own memory: signing in writes nothing for them. */
export function createRateLimits({ clock, managementRate, addressRate, sharedBuckets }: RateLimitDeps): RateLimits {
  const memory = createMemoryBuckets();
  const leased = createLeasedBuckets(sharedBuckets);
  const limit = (perSecond: number, burst: number, buckets = memory) =>
    createRateLimit({ clock, buckets, rate: { perSecond, burst } });
  return {
    management:
      managementRate === 0
        ? undefined
        : {
            perClient: limit(managementRate, managementRate * 3, leased),
            all: limit(managementRate * 3, managementRate * 9, leased),
          },
    strangers:
      addressRate === 0
        ? undefined
        : {
            perAddress: limit(addressRate, addressRate * 6),
            perClient: limit(addressRate * 10, addressRate * 60),
            perServer: limit(addressRate * 10, addressRate * 60),
            failures: createAttemptLimit({ clock, ...failedProofs }),
          },
  };
}
