import { OAuthError } from '../core/errors.ts';
import type { Session } from '../core/session.ts';
import type { User } from '../core/user.ts';
import type { Snapshot } from '../tenant/directory.ts';
import type { AuthorizeRequest } from './authorize/request.ts';
import type { LoginDeps } from './deps.ts';

type Returning = { readonly verified: AuthorizeRequest; readonly session: Session };

/** A person was away, or thinking: their connection and they themselves may still sign in to this client. */
export async function checkStillAdmitted(
  { store }: LoginDeps,
  tenant: Snapshot,
  { verified, session }: Returning,
): Promise<User> {
  if (!tenant.findConnection(session.connectionId)?.enabledClients.has(verified.client.id)) {
    throw new OAuthError('invalid_request', 'the connection was disabled');
  }
  const user = await store.users.find(session.userId);
  if (user === undefined || user.isBlocked) throw new OAuthError('unauthorized', 'user is blocked');
  return user;
}
