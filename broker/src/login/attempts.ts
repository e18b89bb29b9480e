import { type AttemptEnd, attemptExpiry } from '../core/attempt.ts';
import type { Clock } from '../core/clock.ts';
import type { TraceId } from '../core/ids.ts';
import { withoutSecretsIn } from '../core/redact.ts';
import type { TraceLine } from '../core/trace.ts';
import type { Store, Write } from '../store/store.ts';
import type { Vault } from '../vault/vault.ts';

export type FirstHalf = { readonly lines: readonly TraceLine[]; readonly runs: readonly object[] };

export type Attempts = {
  /** None for a try that succeeded without a script, whose log event tells all of it, and for most of a rush. */
  record(end: AttemptEnd): readonly Write<void>[];
  /** Where there are no other writes to go along with. Never rejects: what cannot be kept stops nobody. */
  keep(end: AttemptEnd): Promise<void>;
  /** What was kept when the browser left, for the trace of the second half. */
  findFirstHalf(traceId: TraceId): Promise<FirstHalf | undefined>;
};

type AttemptsDeps = {
  readonly store: Pick<Store, 'attempts' | 'writeAll'>;
  readonly vault: Pick<Vault, 'sealAttempt' | 'openAttempt'>;
  readonly clock: Clock;
  readonly retentionHours: number;
};

/** Somebody who tries a script finds every run; a broker in a rush does not pay for those that nobody will read. */
export const keptSuccessesPerSecond = 5;

export function createAttempts({ store, vault, clock, retentionHours }: AttemptsDeps): Attempts {
  const mayKeepSuccess = createAllowance(keptSuccessesPerSecond);

  function record(end: AttemptEnd): readonly Write<void>[] {
    const { kind, road, trace, failure, secrets = [], ...facts } = end;
    const { lines: steps = [], runs = [] } = trace ?? {};
    const at = clock.now();
    if (!mustBeKept(end) && (runs.length === 0 || !mayKeepSuccess(at))) return [];
    const record = withoutSecretsIn({ kind, road, steps, runs: runs.map((run) => run()), failure }, secrets);
    const { traceId, clientId, connectionId, userId } = facts;
    const attempt = { traceId, at, clientId, connectionId, userId, isFailed: failure !== undefined, ...record };
    return [store.attempts.put(vault.sealAttempt(attempt, attemptExpiry(at, retentionHours)))];
  }

  return {
    record,
    async keep(end) {
      const writes = record(end);
      if (writes.length > 0) await store.writeAll(writes).catch(() => undefined);
    },
    async findFirstHalf(traceId) {
      const stored = await store.attempts.find(traceId);
      if (stored === undefined) return undefined;
      const { steps, runs } = vault.openAttempt(stored);
      return { lines: steps, runs };
    },
  };
}

/** A first half that was kept gets its second one, whatever the rush; a script that sends people away is always told of. */
const mustBeKept = ({ failure, road, trace }: AttemptEnd): boolean =>
  failure !== undefined ||
  ((road === 'sent-away' || road === 'returned') && trace !== undefined && trace.runs.length > 0);

/** So many times in each second. */
function createAllowance(perSecond: number): (now: Date) => boolean {
  let second = 0;
  let used = 0;
  return (now) => {
    const current = Math.floor(now.getTime() / 1000);
    if (current !== second) {
      second = current;
      used = 0;
    }
    used += 1;
    return used <= perSecond;
  };
}
