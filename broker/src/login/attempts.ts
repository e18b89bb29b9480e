import { attemptExpiry } from '../core/attempt.ts';
import type { Clock } from '../core/clock.ts';
import type { ClientId, ConnectionId, TraceId, UserId } from '../core/ids.ts';
import type { JsonObject } from '../core/json.ts';
import { withoutSecretsIn } from '../core/redact.ts';
import type { TraceLine } from '../core/trace.ts';
import type { Store, Write } from '../store/store.ts';
import type { Vault } from '../vault/vault.ts';

export type AttemptEnd = {
  readonly traceId: TraceId;
  readonly clientId?: ClientId | undefined;
  readonly connectionId?: ConnectionId | undefined;
  readonly userId?: UserId | undefined;
  readonly trace?: { readonly lines: readonly TraceLine[]; readonly runs: readonly object[] } | undefined;
  /** undefined: the sign-in succeeded. */
  readonly failure?: JsonObject | undefined;
  /** Of this sign-in: none of it is kept. */
  readonly secrets?: readonly (string | undefined)[] | undefined;
};

export type Attempts = {
  /** None for a sign-in that succeeded without a script, whose log event tells all of it, and for most of a rush. */
  record(end: AttemptEnd): readonly Write<void>[];
};

type AttemptsDeps = {
  readonly store: Pick<Store, 'attempts'>;
  readonly vault: Pick<Vault, 'sealAttempt'>;
  readonly clock: Clock;
  readonly retentionHours: number;
};

/** Somebody who tries a script finds every run; a broker in a rush does not pay for those that nobody will read. */
export const keptSuccessesPerSecond = 5;

export function createAttempts({ store, vault, clock, retentionHours }: AttemptsDeps): Attempts {
  const mayKeepSuccess = createAllowance(keptSuccessesPerSecond);
  return {
    record({ traceId, clientId, connectionId, userId, trace, failure, secrets = [] }) {
      const { lines: steps = [], runs = [] } = trace ?? {};
      const isFailed = failure !== undefined;
      const at = clock.now();
      if (!isFailed && (runs.length === 0 || !mayKeepSuccess(at))) return [];
      const record = withoutSecretsIn({ steps, runs, failure }, secrets);
      const facts = { traceId, at, clientId, connectionId, userId, isFailed };
      return [store.attempts.put(vault.sealAttempt({ ...facts, ...record }, attemptExpiry(at, retentionHours)))];
    },
  };
}

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
