import type { TraceId } from './ids.ts';
import type { Json, JsonObject } from './json.ts';
import type { Random } from './random.ts';

/** Auth0's codes of what the tenant's log tells of. docs/errors.md says what each one means. */
export const eventTypes = [
  // People.
  's',
  'f',
  'ss',
  'fs',
  'ssa',
  'fsa',
  'slo',
  'flo',
  'federated_logout_failed',
  'oidc_backchannel_logout_succeeded',
  'oidc_backchannel_logout_failed',
  // Tokens.
  'seacft',
  'feacft',
  'sertft',
  'fertft',
  'seccft',
  'feccft',
  'secte',
  'fecte',
  'ferrt',
  'srrt',
  'fpar',
  // Devices.
  'fdeaz',
  'fdeac',
  'fdecc',
  'sede',
  'fede',
  // What an administrator does, or has to know.
  'sapi',
  'mgmt_api_read',
  'sdu',
  'fdu',
  'sui',
  'fui',
  'actions_execution_failed',
  'api_limit',
  'api_limit_warning',
] as const;
export type EventType = (typeof eventTypes)[number];

/** One line of the tenant log. */
export type LogEvent = {
  readonly id: string;
  /** An EventType, or one of another version of this program. */
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
