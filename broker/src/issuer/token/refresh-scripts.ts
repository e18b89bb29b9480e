import type { Verdict } from '../../actions/actions.ts';
import type { Client, ResourceServer } from '../../core/client.ts';
import type { RefreshToken } from '../../core/session.ts';
import type { Trace } from '../../core/trace.ts';
import type { User } from '../../core/user.ts';
import type { HttpRequest } from '../../http/route.ts';
import type { Snapshot } from '../../tenant/directory.ts';
import { invalidRefreshToken } from './invalid-refresh-token.ts';
import type { TokenDeps } from './issue-tokens.ts';
import { keepingAttempt } from './keep-attempt.ts';

type Given = {
  readonly request: HttpRequest;
  readonly tenant: Snapshot;
  readonly client: Client;
  readonly user: User;
  readonly resourceServer: ResourceServer | undefined;
  readonly scopes: readonly string[];
};

/** Auth0: post-login runs at every refresh too, before the token is spent. Claims are those of this run. */
export async function runScripts(
  deps: TokenDeps,
  token: RefreshToken,
  { tenant, ...given }: Given,
): Promise<Extract<Verdict, { kind: 'allowed' }>> {
  const connection = tenant.findConnection(token.connectionId);
  if (connection === undefined) throw invalidRefreshToken('its connection is gone');
  const { client, user, request } = given;
  const facts = { kind: 'refresh', clientId: client.id, connectionId: connection.id, userId: user.id } as const;
  const secrets = [request.body.values.refresh_token, request.body.values.client_secret];
  const [session] = token.sid === undefined ? [] : await deps.store.sessions.listBySid(token.sid, deps.clock.now());
  const run = (trace: Trace) =>
    deps.actions.runPostLogin({
      ...given,
      tenant,
      connection,
      trace,
      protocol: 'oauth2-refresh-token',
      parameters: { scope: given.scopes.join(' ') },
      session: { ...session, sid: token.sid ?? '', authenticatedAt: token.authenticatedAt },
      refreshToken: token,
      mayRedirect: false,
      resumed: undefined,
    });
  const verdict = await keepingAttempt(deps, { ...facts, traceId: request.traceId, secrets }, run);
  if (verdict.kind === 'allowed') return verdict;
  throw new Error('a refresh cannot be redirected');
}
