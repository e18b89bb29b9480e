import { addSeconds } from './clock.ts';
import type { ClientId, ConnectionId, Sealed, TraceId, UserId } from './ids.ts';
import type { JsonObject } from './json.ts';
import type { TraceLine } from './trace.ts';

/** One sign-in try, as it is kept for the one who has to find out what happened. `Run` is a RecordedRun of sandbox/. */
export type Attempt<Run extends object = object> = AttemptFacts & AttemptRecord<Run>;

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
  readonly steps: readonly TraceLine[];
  readonly runs: readonly Run[];
  /** Code, step, reason, message and detail of a failure. */
  readonly failure?: JsonObject | undefined;
};

export type StoredAttempt = AttemptFacts & { readonly sealedRecord: Sealed; readonly expiresAt: Date };

export const attemptExpiry = (at: Date, retentionHours: number): Date => addSeconds(at, retentionHours * 3600);
