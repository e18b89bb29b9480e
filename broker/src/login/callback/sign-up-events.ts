import type { Connection } from '../../core/connection.ts';
import { logNameOf } from '../../core/log-event.ts';
import type { User } from '../../core/user.ts';
import type { HttpRequest } from '../../http/route.ts';
import type { Write } from '../../store/store.ts';
import type { AuthorizeRequest } from '../authorize/request.ts';
import type { LoginDeps } from '../deps.ts';
import type { Taken } from './take-transaction.ts';

type Arrived = {
  readonly request: HttpRequest;
  readonly taken: Taken;
  readonly verified: AuthorizeRequest;
  readonly connection: Connection;
  readonly user: User;
};

/** Auth0: the first sign-in of somebody whom nobody brought along is a sign-up, too. */
export function eventsOfSignUp(
  { events }: LoginDeps,
  { request, taken, verified, connection, user }: Arrived,
): readonly Write<void>[] {
  if (user.loginsCount > 1 || user.createdAt.getTime() !== user.lastLoginAt?.getTime()) return [];
  const event = events.record(request, {
    type: 'ss',
    traceId: taken.transaction.traceId,
    clientId: verified.client.id,
    connectionId: connection.id,
    userId: user.id,
    userName: logNameOf(user),
  });
  return [event];
}
