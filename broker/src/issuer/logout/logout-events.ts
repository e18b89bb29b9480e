import type { ClientId } from '../../core/ids.ts';
import { logNameOf } from '../../core/log-event.ts';
import type { Session } from '../../core/session.ts';
import type { HttpRequest } from '../../http/route.ts';
import type { Store } from '../../store/store.ts';
import type { IssuerEvents } from '../issuer-events.ts';

export type LogoutEventDeps = {
  readonly store: Pick<Store, 'users'>;
  readonly events: IssuerEvents;
};

/** Somebody was signed out. `clientId` is proven to be one. */
export async function recordLogout(
  { store, events }: LogoutEventDeps,
  request: HttpRequest,
  { session, clientId }: { readonly session: Session; readonly clientId: string | undefined },
): Promise<void> {
  const user = await store.users.find(session.userId);
  events.queue(request, {
    type: 'slo',
    traceId: request.traceId,
    clientId: clientId as ClientId | undefined,
    connectionId: session.connectionId,
    userId: session.userId,
    userName: user && logNameOf(user),
    description: 'User successfully logged out',
    details: { session_id: session.sid },
  });
}
