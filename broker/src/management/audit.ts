import type { Clock } from '../core/clock.ts';
import type { JsonObject } from '../core/json.ts';
import { createLogId } from '../core/log-event.ts';
import type { Random } from '../core/random.ts';
import { header } from '../http/route.ts';
import type { Store, Write } from '../store/store.ts';
import type { Acting } from './endpoint.ts';

/**
 * Who did what, as a write that goes along with the change itself: `sapi`, `mgmt_api_read` where secrets were read, and
 * what Auth0 says of people besides.
 */
export type Audit = (
  call: Acting,
  description: string,
  more?: {
    readonly type?: 'sapi' | 'mgmt_api_read' | 'sdu' | 'fdu';
    readonly userId?: string;
    readonly userName?: string | undefined;
    readonly connectionId?: string;
    readonly details?: JsonObject;
  },
) => Write<void>;

type AuditDeps = {
  readonly store: Pick<Store, 'logs'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: (level: 'info' | 'warn' | 'error', fields: JsonObject, message: string) => void;
};

/** Bodies are not repeated: what changed is in the details that the caller gives, without secrets. */
export const createAudit =
  ({ store, clock, random, log }: AuditDeps): Audit =>
  ({ caller, request }, description, { type = 'sapi', userId, userName, connectionId, details = {} } = {}) => {
    const fields = { method: request.method, path: request.path.slice(0, 300), ...details };
    log('info', { trace_id: request.traceId, client: caller.clientId, type, ...fields }, description);
    const at = clock.now();
    return store.logs.create({
      id: createLogId(random, at),
      type,
      at,
      traceId: request.traceId,
      clientId: caller.clientId,
      connectionId,
      userId,
      userName,
      ip: request.ip,
      userAgent: header(request, 'user-agent')?.slice(0, 256),
      description,
      details: { subject: caller.subject, request: fields, ...correlationOf(request) },
    });
  };

/** Auth0: what a tool names its changes by, to find them in the log. */
function correlationOf(request: Acting['request']): JsonObject {
  const id = header(request, 'x-correlation-id')?.slice(0, 64);
  return request.method === 'GET' || id === undefined || id === '' ? {} : { references: { correlation_id: id } };
}
