import type { JsonObject } from '../core/json.ts';
import type { Session } from '../core/session.ts';
import type { User } from '../core/user.ts';
import type { AuthorizeRequest } from './authorize/request.ts';

/** A sign-in that went through a provider: when it began here, and as whom the provider knows the person. */
export type Prompted = {
  readonly beganAt: Date;
  readonly connectionName: string;
  readonly upstreamUserId: string;
};

type SignedIn = {
  readonly user: User;
  readonly session: Session;
  readonly verified: Pick<AuthorizeRequest, 'resourceServer' | 'scopes'>;
  /** undefined: the session was enough, or the person comes back from a question. */
  readonly prompted: Prompted | undefined;
};

/** What Auth0's log says of a sign-in: how long it took, by what, the how manieth it is. Times in milliseconds. */
export function signInDetails({ user, session, verified, prompted }: SignedIn, now: Date): JsonObject {
  const completedAt = now.getTime();
  const stats = { loginsCount: user.loginsCount };
  const asked = { audience: verified.resourceServer?.identifier ?? '', scope: verified.scopes.join(' ') };
  const common = { session_id: session.sid, stats, ...asked };
  if (prompted === undefined) return { prompts: [], completedAt, ...common };
  const took = tookUntil(now, prompted.beganAt);
  const prompt = {
    name: 'federated-authenticate',
    ...took,
    connection: prompted.connectionName,
    connection_id: session.connectionId,
    strategy: 'oauth2',
    identity: prompted.upstreamUserId,
    stats,
  };
  return { prompts: [prompt], ...took, ...common };
}

/** How long a sign-in took, in milliseconds; nothing where nobody knows when it began. */
export function tookUntil(now: Date, beganAt: Date | undefined): JsonObject {
  if (beganAt === undefined) return {};
  const [initiatedAt, completedAt] = [beganAt.getTime(), now.getTime()];
  return { initiatedAt, completedAt, elapsedTime: completedAt - initiatedAt };
}
