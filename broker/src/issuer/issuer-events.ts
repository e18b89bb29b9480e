import type { ClientId, ConnectionId, TraceId, UserId } from '../core/ids.ts';
import type { JsonObject } from '../core/json.ts';
import type { EventType } from '../core/log-event.ts';
import type { HttpRequest } from '../http/route.ts';
import type { Write } from '../store/store.ts';

/** Lines of the tenant's log. */
export type IssuerEvents = {
  /** To be written with what it tells of. */
  record(request: HttpRequest, facts: IssuerEvent): Write<void>;
  /** Goes out with others in a moment: no request waits for it. */
  queue(request: HttpRequest, facts: IssuerEvent): void;
  /** The same for what failed, unless the log has enough of it. `proven`: the application that proved itself. */
  queueFailure(request: HttpRequest, facts: IssuerEvent, proven: ClientId | undefined): void;
};

export type IssuerEvent = {
  readonly type: EventType;
  readonly traceId: TraceId;
  readonly clientId?: ClientId | undefined;
  readonly connectionId?: ConnectionId | undefined;
  readonly userId?: UserId | undefined;
  readonly userName?: string | undefined;
  readonly description?: string | undefined;
  readonly details?: JsonObject;
};

/** What the log is told of tokens. */
export type TokenFacts = Pick<IssuerEvent, 'connectionId' | 'userId' | 'userName'> & {
  readonly audience: string | undefined;
  readonly scopes: readonly string[];
};
