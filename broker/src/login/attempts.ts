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
  /** None for a sign-in that succeeded without a script: the log event tells all of it. */
  record(end: AttemptEnd): readonly Write<void>[];
};

type AttemptsDeps = {
  readonly store: Pick<Store, 'attempts'>;
  readonly vault: Pick<Vault, 'sealAttempt'>;
  readonly clock: Clock;
  readonly retentionHours: number;
};

export const createAttempts = ({ store, vault, clock, retentionHours }: AttemptsDeps): Attempts => ({
  record({ traceId, clientId, connectionId, userId, trace, failure, secrets = [] }) {
    const { lines: steps = [], runs = [] } = trace ?? {};
    if (failure === undefined && runs.length === 0) return [];
    const at = clock.now();
    const record = withoutSecretsIn({ steps, runs, failure }, secrets);
    const facts = { traceId, at, clientId, connectionId, userId, isFailed: failure !== undefined };
    return [store.attempts.put(vault.sealAttempt({ ...facts, ...record }, attemptExpiry(at, retentionHours)))];
  },
});
