import type { Session } from '../../core/session.ts';
import type { User } from '../../core/user.ts';
import type { Snapshot } from '../../tenant/directory.ts';
import type { LoginDeps } from '../deps.ts';
import type { AuthorizeRequest } from './request.ts';

/** A session that answers this request without asking anybody. */
export type UsableSession = { readonly session: Session; readonly user: User };

/** undefined: the person has to sign in. */
export async function findUsableSession(
  deps: Pick<LoginDeps, 'store' | 'clock'>,
  tenant: Snapshot,
  request: AuthorizeRequest,
  session: Session | undefined,
): Promise<UsableSession | undefined> {
  if (session === undefined || asksForLogin(request, session, deps.clock.now())) return undefined;
  if (request.connection !== undefined && request.connection.id !== session.connectionId) return undefined;
  // A connection that was disabled for this client since lets nobody in through an old session either (UP-18).
  const connection = tenant.findConnection(session.connectionId);
  if (!connection?.isForSignIn || !connection.enabledClients.has(request.client.id)) return undefined;
  const user = await deps.store.users.find(session.userId);
  return user === undefined || user.isBlocked ? undefined : { session, user };
}

function asksForLogin({ prompts, maxAge }: AuthorizeRequest, session: Session, now: Date): boolean {
  if (prompts.has('login') || prompts.has('select_account')) return true;
  return maxAge !== undefined && now.getTime() - session.authenticatedAt.getTime() >= maxAge * 1000;
}
