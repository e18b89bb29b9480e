import { type Clock, toEpochSeconds } from '../core/clock.ts';
import { type Pace, paceOf, type Rate, remainingOf, takeToken } from '../core/rate.ts';

/** What a caller is told about a limit. */
export type Allowance = {
  readonly isAllowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** When everything is allowed again. */
  readonly resetAt: Date;
  /** How long to wait when refused. */
  readonly waitSeconds: number;
};

export type RateLimit = { take(key: string): Promise<Allowance> };

/** Takes a token out of a bucket: when the bucket is full again, or undefined if it is empty. */
export type Buckets = (key: string, pace: Pace, now: Date) => Promise<number | undefined> | number | undefined;

export function createRateLimit({ clock, rate, buckets }: { clock: Clock; rate: Rate; buckets: Buckets }): RateLimit {
  const pace = paceOf(rate);
  return {
    async take(key) {
      const now = clock.now();
      const fullAt = await buckets(key, pace, now);
      const isAllowed = fullAt !== undefined;
      return {
        isAllowed,
        limit: rate.burst,
        remaining: isAllowed ? remainingOf(fullAt, pace, now.getTime()) : 0,
        resetAt: new Date(fullAt ?? now.getTime() + pace.capacityMs),
        waitSeconds: Math.ceil(pace.intervalMs / 1000),
      };
    },
  };
}

/** How much is left, under Auth0's names (contract: management API §1.5); and when it is nothing, when to come back. */
export const allowanceHeaders = (allowance: Allowance): Readonly<Record<string, string>> => ({
  'x-ratelimit-limit': String(allowance.limit),
  'x-ratelimit-remaining': String(allowance.remaining),
  'x-ratelimit-reset': String(toEpochSeconds(allowance.resetAt)),
  ...(allowance.isAllowed ? {} : { 'retry-after': String(allowance.waitSeconds) }),
});

/** Buckets that are remembered; the ones that were used longest ago go first. */
const maxBuckets = 20_000;

/** Each broker counts its own: nothing is written on the hot road of a sign-in. */
export function createMemoryBuckets(): Buckets {
  const fullAt = new Map<string, number>();
  return (key, pace, now) => {
    const next = takeToken(fullAt.get(key), pace, now.getTime());
    if (next === undefined) return undefined;
    fullAt.delete(key);
    fullAt.set(key, next);
    const [oldest] = fullAt.keys();
    if (fullAt.size > maxBuckets && oldest !== undefined) fullAt.delete(oldest);
    return next;
  };
}
