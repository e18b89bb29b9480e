import { createAttemptLimit } from '../core/attempt-limit.ts';
import type { Clock } from '../core/clock.ts';
import type { StrangerLimits } from './limit-strangers.ts';
import { type Buckets, createMemoryBuckets, createRateLimit, type RateLimit } from './rate-limit.ts';

type RateLimitDeps = {
  readonly clock: Clock;
  /** Requests per second; 0: no limit. */
  readonly managementRate: number;
  readonly addressRate: number;
  /** Where several brokers count together; undefined: there is one. */
  readonly sharedBuckets: Buckets | undefined;
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
  const limit = (perSecond: number, burst: number, buckets = memory) =>
    createRateLimit({ clock, buckets, rate: { perSecond, burst } });
  return {
    management:
      managementRate === 0
        ? undefined
        : {
            perClient: limit(managementRate, managementRate * 3, sharedBuckets),
            all: limit(managementRate * 3, managementRate * 9, sharedBuckets),
          },
    strangers:
      addressRate === 0
        ? undefined
        : {
            perAddress: limit(addressRate, addressRate * 6),
            perClient: limit(addressRate * 10, addressRate * 60),
            failures: createAttemptLimit({ clock, ...failedProofs }),
          },
  };
}
