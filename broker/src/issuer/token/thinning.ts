import type { Clock } from '../../core/clock.ts';
import type { ClientId } from '../../core/ids.ts';

/** How many lines were left out before this one; undefined: this one is left out. */
export type Thinning = (clientId: ClientId) => number | undefined;

const windowMs = 60_000;
const linesInWindow = 600;

type Window = { readonly endsAt: number; lines: number; leftOut: number };

/**
 * A program that asks for a token for each request, or in a loop, asks without end: of one application the log takes
 * ten lines a second on average, and says how many more there were. Each broker counts its own.
 */
export function createThinning(clock: Clock): Thinning {
  const windows = new Map<ClientId, Window>();
  return (clientId) => {
    const now = clock.now().getTime();
    const found = windows.get(clientId);
    const window =
      found === undefined || found.endsAt <= now
        ? { endsAt: now + windowMs, lines: 0, leftOut: found?.leftOut ?? 0 }
        : found;
    windows.set(clientId, window);
    if (window.lines >= linesInWindow) {
      window.leftOut += 1;
      return undefined;
    }
    const { leftOut } = window;
    window.lines += 1;
    window.leftOut = 0;
    return leftOut;
  };
}
