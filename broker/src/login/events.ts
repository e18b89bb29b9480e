import type { Clock } from '../core/clock.ts';
import type { TraceId } from '../core/ids.ts';
import type { JsonObject } from '../core/json.ts';
import { createLogId, type LogEvent } from '../core/log-event.ts';
import type { Random } from '../core/random.ts';
import type { HttpRequest } from '../http/route.ts';
import { header } from '../http/route.ts';
import type { Store, Write } from '../store/store.ts';

/**
 * Auth0's codes: success and failure of a login and of a silent one; a refresh token that came twice, one that was
 * revoked, a person who did not confirm a device; success and failure of a custom token exchange.
 */
export type EventType = 's' | 'f' | 'ssa' | 'fsa' | 'ferrt' | 'srrt' | 'fdecc' | 'secte' | 'fecte';

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
};

/** Writes a structured line to the operator's log. */
export type LogLine = (level: 'info' | 'warn' | 'error', fields: JsonObject, message: string) => void;

export type Events = {
  /** The write of one event; the line in the operator's log is written when it is made. */
  record(request: HttpRequest, facts: EventFacts): Write<void>;
};

const successes: ReadonlySet<EventType> = new Set(['s', 'ssa', 'srrt', 'secte']);

/** The lines in the operator's log of what is no sign-in. */
const lines: Partial<Record<EventType, string>> = {
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
  return {
    record(request, facts) {
      const isSuccess = successes.has(facts.type);
      const at = deps.clock.now();
      const event: LogEvent = {
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
        description: facts.description,
        details: facts.details ?? {},
      };
      const line = lines[facts.type];
      if (line === undefined) {
        deps.countSignIn(isSuccess ? 'success' : 'failure', facts.type === 'ssa' || facts.type === 'fsa');
      }
      deps.log(
        isSuccess ? 'info' : 'warn',
        toLine(event),
        line ?? (isSuccess ? 'sign-in succeeded' : 'sign-in failed'),
      );
      return deps.store.logs.create(event);
    },
  };
}

const toLine = (event: LogEvent): JsonObject => ({
  event: event.type,
  trace_id: event.traceId,
  ...(event.clientId === undefined ? {} : { client_id: event.clientId }),
  ...(event.connectionId === undefined ? {} : { connection_id: event.connectionId }),
  ...(event.userId === undefined ? {} : { user_id: event.userId }),
  ...(event.description === undefined ? {} : { description: event.description }),
  ...(Object.keys(event.details).length === 0 ? {} : { details: event.details }),
});
