import { attemptKeyOf, createAttemptLimit } from '../core/attempt-limit.ts';
import type { Clock } from '../core/clock.ts';
import type { ClientId } from '../core/ids.ts';

export type FailureLimits = {
  /**
   * Counts a failure, and says whether the log has room for it. `proven`: the application that sent it, which counts for
   * itself; undefined: a stranger, who counts by address and by what application was named.
   */
  admits(ip: string, sent: { readonly proven: ClientId | undefined; readonly named: string | undefined }): boolean;
  /** The same for a sign-in that ends before a provider has said who it is. Whole families and offices have one address. */
  admitsSignIn(ip: string): boolean;
};

const windowSeconds = 60;
const perStranger = 10;
const perAllStrangers = 300;
const perClient = 300;
const signInsPerAddress = 300;
const signInsOfAll = 1_500;

/** Anybody can make a request fail: what that leaves in the log is bounded, for each sender and for all strangers together. */
export function createFailureLimits(clock: Clock): FailureLimits {
  const limit = (max: number) => createAttemptLimit({ clock, max, windowSeconds });
  const strangers = limit(perStranger);
  const allStrangers = limit(perAllStrangers);
  const clients = limit(perClient);
  const signIns = limit(signInsPerAddress);
  const allSignIns = limit(signInsOfAll);
  return {
    admits(ip, { proven, named = '' }) {
      if (proven !== undefined) return spend(clients, proven);
      return spend(strangers, `${attemptKeyOf(ip)} ${named.slice(0, 100)}`) && spend(allStrangers, 'all');
    },
    admitsSignIn: (ip) => spend(signIns, attemptKeyOf(ip)) && spend(allSignIns, 'all'),
  };
}

function spend(limit: ReturnType<typeof createAttemptLimit>, key: string): boolean {
  if (limit.isReached(key)) return false;
  limit.countFailure(key);
  return true;
}
