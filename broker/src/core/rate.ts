/*
 * A bucket of tokens: a request takes one, and they come back evenly. It is kept as one number, the moment at which it
 * would be full again, so that a database holds it in one column and takes a token in one statement.
 */

export type Rate = { readonly burst: number; readonly perSecond: number };

/** How long one token takes to come back, and all of them; whole milliseconds. */
export type Pace = { readonly intervalMs: number; readonly capacityMs: number };

export function paceOf({ burst, perSecond }: Rate): Pace {
  const intervalMs = Math.max(1, Math.round(1000 / perSecond));
  return { intervalMs, capacityMs: burst * intervalMs };
}

/** `fullAt`: epoch milliseconds; undefined: nothing was taken yet. The next `fullAt`, or undefined: there is no token. */
export function takeToken(fullAt: number | undefined, { intervalMs, capacityMs }: Pace, now: number) {
  const next = Math.max(fullAt ?? now, now) + intervalMs;
  return next - now > capacityMs ? undefined : next;
}

/** How many requests would be allowed now. */
export const remainingOf = (fullAt: number, { intervalMs, capacityMs }: Pace, now: number): number =>
  Math.floor((capacityMs - Math.max(0, fullAt - now)) / intervalMs);
