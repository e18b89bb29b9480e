import { addSeconds } from './clock.ts';
import type { ClientId, ConnectionId, Sealed, TraceId, UserId } from './ids.ts';
import type { JsonObject } from './json.ts';
import type { KeptRun, TraceLine } from './trace.ts';

/** One try to get signed in, or to get tokens without a browser, kept for the one who has to find out what happened. `Run` is a RecordedRun of sandbox/. */
export type Attempt<Run extends object = object> = AttemptFacts & AttemptRecord<Run>;

export type AttemptKind = 'sign-in' | 'refresh' | 'client-credentials' | 'token-exchange' | 'logout';

/**
 * Where the browser is. `at-provider`, `at-consent`, `sent-away` (by a script): elsewhere, and what follows replaces this record.
 * `returned`: the record holds both halves.
 */
export type AttemptRoad = 'at-provider' | 'at-consent' | 'sent-away' | 'returned';

type AttemptFacts = {
  /** The id on the error page and in the log. */
  readonly traceId: TraceId;
  readonly at: Date;
  readonly clientId: ClientId | undefined;
  readonly connectionId: ConnectionId | undefined;
  readonly userId: UserId | undefined;
  readonly isFailed: boolean;
};

/** The part that is sealed. Secrets of the sign-in are taken out before; people's data is not. */
export type AttemptRecord<Run extends object = object> = {
  /** Absent in records of 0.1.0: a sign-in. */
  readonly kind?: AttemptKind | undefined;
  readonly road?: AttemptRoad | undefined;
  readonly steps: readonly TraceLine[];
  readonly runs: readonly Run[];
  /** Code, step, reason, message and detail of a failure. */
  readonly failure?: JsonObject | undefined;
};

export type StoredAttempt = AttemptFacts & { readonly sealedRecord: Sealed; readonly expiresAt: Date };

/** How a try ended, or got as far as somewhere else, told by the one who served it. */
export type AttemptEnd = {
  readonly kind?: AttemptKind;
  readonly road?: AttemptRoad;
  readonly traceId: TraceId;
  readonly clientId?: ClientId | undefined;
  readonly connectionId?: ConnectionId | undefined;
  readonly userId?: UserId | undefined;
  readonly trace?: { readonly lines: readonly TraceLine[]; readonly runs: readonly KeptRun[] } | undefined;
  /** undefined: it succeeded, or goes on elsewhere. */
  readonly failure?: JsonObject | undefined;
  /** Of this try: none of it is kept. */
  readonly secrets?: readonly (string | undefined)[] | undefined;
};

export const attemptExpiry = (at: Date, retentionHours: number): Date => addSeconds(at, retentionHours * 3600);
