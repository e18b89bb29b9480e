import type { Clock } from './clock.ts';

export type AttemptLimit = {
  /** Too many failures of this key within the window: whatever it sends now is not looked at. */
  isReached(key: string): boolean;
  /** How long a key that is stopped has to wait, in whole seconds; 0: it is not. */
  waitSeconds(key: string): number;
  countFailure(key: string): void;
};

/** Keys that are remembered; the ones that failed longest ago go first. */
const maxKeys = 10_000;

/** Failures per key, such as an address, in a window that begins with the first. In memory: each broker counts its own. */
export function createAttemptLimit(deps: {
  readonly clock: Clock;
  readonly max: number;
  readonly windowSeconds: number;
}): AttemptLimit {
  const windows = new Map<string, { readonly endsAt: number; failures: number }>();
  const current = (key: string) => {
    const found = windows.get(key);
    return found === undefined || found.endsAt <= deps.clock.now().getTime() ? undefined : found;
  };
  const stopping = (key: string) => {
    const window = current(key);
    return window !== undefined && window.failures >= deps.max ? window : undefined;
  };
  return {
    isReached: (key) => stopping(key) !== undefined,
    waitSeconds(key) {
      const endsAt = stopping(key)?.endsAt;
      return endsAt === undefined ? 0 : Math.ceil((endsAt - deps.clock.now().getTime()) / 1000);
    },
    countFailure(key) {
      const window = current(key) ?? { endsAt: deps.clock.now().getTime() + deps.windowSeconds * 1000, failures: 0 };
      window.failures += 1;
      windows.delete(key);
      windows.set(key, window);
      const [oldest] = windows.keys();
      if (windows.size > maxKeys && oldest !== undefined) windows.delete(oldest);
    },
  };
}

/** Who fails: an address, or the network of an IPv6 one, of which a subscriber has 2^64. */
export function attemptKeyOf(ip: string): string {
  if (!ip.includes(':') || ip.startsWith('::ffff:')) return ip;
  const [head = '', tail = ''] = ip.split('::', 2);
  const groups = head.split(':').filter((group) => group !== '');
  const missing = 8 - groups.length - tail.split(':').filter((group) => group !== '').length;
  const all = ip.includes('::') ? [...groups, ...Array<string>(missing).fill('0')] : groups;
  return all.slice(0, 4).join(':');
}
