import type { AttemptEnd } from '../../core/attempt.ts';
import type { Connection } from '../../core/connection.ts';
import { UpstreamError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Session } from '../../core/session.ts';
import { createTrace, type Trace } from '../../core/trace.ts';
import type { HttpRequest } from '../../http/route.ts';
import type { Snapshot } from '../../tenant/directory.ts';
import type { IssuerEvents } from '../issuer-events.ts';
import { type PendingLogout, pendingLogoutCookie } from './pending-logout.ts';

export type UpstreamLogoutDeps = {
  readonly issuerUrl: string;
  /** Of the connection's upstream; undefined: it has no such address. May throw UpstreamError. */
  readonly findLogoutUrl: (
    connection: Connection,
    logout: { readonly clientId: string | undefined; readonly returnTo: string },
    trace: Trace,
  ) => Promise<string | undefined>;
  /** A script made the address, or none could be made. Never rejects. */
  readonly keepAttempt: (end: AttemptEnd) => Promise<void>;
  readonly log: (level: 'warn', fields: JsonObject, message: string) => void;
  readonly events: IssuerEvents;
};

export type UpstreamDetour = { readonly url: string; readonly connectionName: string; readonly cookie: string };

type Leaving = {
  readonly request: HttpRequest;
  readonly tenant: Snapshot;
  readonly session: Session | undefined;
  readonly pending: PendingLogout;
};

/**
 * On a federated logout the browser goes through the upstream of its session. undefined: there is nothing to go through,
 * or no address of it could be made; then the person is signed out here and goes on.
 */
export async function findUpstreamDetour(
  deps: UpstreamLogoutDeps,
  { request, tenant, session, pending }: Leaving,
): Promise<UpstreamDetour | undefined> {
  if (session === undefined) return undefined;
  const connection = tenant.findConnection(session.connectionId);
  if (connection === undefined) return undefined;
  const client = pending.clientId === undefined ? undefined : tenant.findClient(pending.clientId);
  const trace = createTrace(request.traceId, () => performance.now());
  const kept = {
    kind: 'logout',
    traceId: request.traceId,
    connectionId: connection.id,
    userId: session.userId,
  } as const;
  try {
    const logout = { clientId: pending.clientId, returnTo: `${deps.issuerUrl}v2/logout/callback` };
    const url = await deps.findLogoutUrl(connection, logout, trace);
    await deps.keepAttempt({ ...kept, trace });
    if (url === undefined) return undefined;
    return { url, connectionName: connection.displayName, cookie: pendingLogoutCookie(deps.issuerUrl, pending) };
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    const { step, reason, message, detail } = error;
    const told = detail === undefined ? {} : { detail };
    const facts = { step, reason, error: message, ...told };
    deps.log('warn', { trace_id: request.traceId, connection_id: connection.id, ...facts }, 'upstream logout failed');
    deps.events.queue(request, {
      type: 'federated_logout_failed',
      traceId: request.traceId,
      clientId: client?.id,
      connectionId: connection.id,
      userId: session.userId,
      description: 'No address could be made that signs out at the provider',
      details: { step, reason },
    });
    await deps.keepAttempt({ ...kept, trace, failure: { description: message, step, reason, ...told } });
    return undefined;
  }
}
