import type { TraceId } from './ids.ts';
import type { Json, JsonObject } from './json.ts';
import type { Random } from './random.ts';

/** One line of the tenant log. `type` uses Auth0's codes: `s` success login, `f` failed login, `ssa` silent, `fsa`, … */
export type LogEvent = {
  readonly id: string;
  readonly type: string;
  readonly at: Date;
  readonly traceId: TraceId;
  readonly clientId: string | undefined;
  readonly connectionId: string | undefined;
  readonly userId: string | undefined;
  /** What the person was called then: see `logNameOf`. */
  readonly userName: string | undefined;
  readonly ip: string | undefined;
  readonly userAgent: string | undefined;
  readonly description: string | undefined;
  /** Redacted before it gets here. `audience` and `scope`, where they are texts, are shown beside them. */
  readonly details: JsonObject;
};

/** Ids begin with their time, so that an index over millions of them grows at its end. */
export const createLogId = (random: Random, at: Date): string =>
  random.id(`log_${at.getTime().toString(36).padStart(9, '0')}`);

/** Auth0: the e-mail address, or else the name. */
export function logNameOf({ attributes }: { readonly attributes: JsonObject }): string | undefined {
  const { email, name } = attributes;
  return textOf(email) ?? textOf(name);
}

const textOf = (value: Json | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value.slice(0, 300) : undefined;
