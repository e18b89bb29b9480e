import type { Clock } from '../core/clock.ts';
import type { ClientId, TraceId } from '../core/ids.ts';
import type { JsonObject } from '../core/json.ts';
import { createLogId, type EventType, type LogEvent } from '../core/log-event.ts';
import type { Random } from '../core/random.ts';
import type { HttpRequest } from '../http/route.ts';
import { header } from '../http/route.ts';
import type { Store, Write } from '../store/store.ts';
import { createFailureLimits } from './failure-limits.ts';

export type EventFacts = {
  readonly type: EventType;
  readonly traceId: TraceId;
  readonly clientId?: string | undefined;
  readonly connectionId?: string | undefined;
  readonly userId?: string | undefined;
  readonly userName?: string | undefined;
  readonly description?: string | undefined;
  /** Redacted: no tokens, codes, secrets or upstream texts with such. */
  readonly details?: JsonObject;
  /** The same, for the tenant's log alone. */
  readonly tenantDetails?: JsonObject;
};

/** Writes a structured line to the operator's log. */
export type LogLine = (level: 'info' | 'warn' | 'error', fields: JsonObject, message: string) => void;

export type Events = {
  /** The write of one event; the line in the operator's log is written when it is made. */
  record(request: HttpRequest, facts: EventFacts): Write<void>;
  /** A line that goes out with others in a moment; the operator's log has none. For what happens at every token. */
  queue(request: HttpRequest, facts: EventFacts): void;
  /** The same for what failed, unless its sender has left enough of them: see FailureLimits. */
  queueFailure(request: HttpRequest, facts: EventFacts, proven: ClientId | undefined): void;
  /** Counts a sign-in that failed before anybody was known; false: the database has enough of them from there. */
  hasRoomFor(request: HttpRequest): boolean;
};

const successes: ReadonlySet<EventType> = new Set(['s', 'ssa', 'ss', 'srrt', 'secte']);

/** The lines in the operator's log of what is no sign-in. */
const lines: Partial<Record<EventType, string>> = {
  ss: 'a user signed in for the first time',
  fs: 'a user could not be made',
  actions_execution_failed: 'an Action failed',
  ferrt: 'a refresh token was used twice',
  srrt: 'a refresh token was revoked',
  fdecc: 'a device was not confirmed',
  secte: 'a subject token was exchanged',
  fecte: 'a subject token was not exchanged',
};

export function createEvents(deps: {
  readonly store: Pick<Store, 'logs'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: LogLine;
  readonly countSignIn: (result: 'success' | 'failure', silent: boolean) => void;
}): Events {
  const limits = createFailureLimits(deps.clock);
  const toEvent = (request: HttpRequest, facts: EventFacts): LogEvent => {
    const at = deps.clock.now();
    return {
      id: createLogId(deps.random, at),
      type: facts.type,
      at,
      traceId: facts.traceId,
      clientId: facts.clientId,
      connectionId: facts.connectionId,
      userId: facts.userId,
      userName: facts.userName,
      ip: request.ip,
      userAgent: header(request, 'user-agent')?.slice(0, 256),
      // It may repeat what was sent.
      description: facts.description?.slice(0, 1000),
      details: { ...facts.details, ...facts.tenantDetails },
    };
  };
  const queue: Events['queue'] = (request, facts) => deps.store.logs.queue(toEvent(request, facts));
  return {
    queue,
    queueFailure(request, facts, proven) {
      if (limits.admits(request.ip, { proven, named: facts.clientId })) queue(request, facts);
    },
    hasRoomFor: ({ ip }) => limits.admitsSignIn(ip),
    record(request, facts) {
      const isSuccess = successes.has(facts.type);
      const event = toEvent(request, facts);
      const line = lines[facts.type];
      if (line === undefined) {
        deps.countSignIn(isSuccess ? 'success' : 'failure', facts.type === 'ssa' || facts.type === 'fsa');
      }
      deps.log(
        isSuccess ? 'info' : 'warn',
        toLine(event, facts.details ?? {}),
        line ?? (isSuccess ? 'sign-in succeeded' : 'sign-in failed'),
      );
      return deps.store.logs.create(event);
    },
  };
}

const toLine = (event: LogEvent, details: JsonObject): JsonObject => ({
  event: event.type,
  trace_id: event.traceId,
  ...(event.clientId === undefined ? {} : { client_id: event.clientId }),
  ...(event.connectionId === undefined ? {} : { connection_id: event.connectionId }),
  ...(event.userId === undefined ? {} : { user_id: event.userId }),
  ...(event.description === undefined ? {} : { description: event.description }),
  ...(Object.keys(details).length === 0 ? {} : { details }),
});
