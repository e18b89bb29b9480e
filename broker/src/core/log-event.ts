import type { TraceId } from './ids.ts';
import type { JsonObject } from './json.ts';

/** One line of the tenant log. `type` uses Auth0's codes: `s` success login, `f` failed login, `ssa` silent, `fsa`, … */
export type LogEvent = {
  readonly id: string;
  readonly type: string;
  readonly at: Date;
  readonly traceId: TraceId;
  readonly clientId: string | undefined;
  readonly connectionId: string | undefined;
  readonly userId: string | undefined;
  readonly ip: string | undefined;
  readonly userAgent: string | undefined;
  readonly description: string | undefined;
  /** Redacted before it gets here. */
  readonly details: JsonObject;
};
