import type { Client, ResourceServer } from '../core/client.ts';
import { OAuthError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import type { Trace } from '../core/trace.ts';
import type { HttpRequest } from '../http/route.ts';
import type { Snapshot } from '../tenant/directory.ts';
import { noChanges } from './changes.ts';
import { accessTokenClaims } from './claims.ts';
import { credentialsExchangeEvent } from './event.ts';
import { showWords } from './failure.ts';
import { type RunDeps, runAction } from './run-action.ts';

export type Exchange = {
  readonly tenant: Snapshot;
  readonly trace: Trace;
  readonly request: HttpRequest;
  readonly client: Client;
  readonly resourceServer: ResourceServer;
  readonly scopes: readonly string[];
};

/** Auth0: the codes that an Action of this trigger can deny with. */
const codes = ['invalid_scope', 'invalid_request', 'server_error'] as const;

/** Claims for the client's own token. Throws OAuthError where an Action denies or fails. */
export async function runCredentialsExchange(deps: RunDeps, exchange: Exchange): Promise<JsonObject> {
  const { tenant, trace, request, client, resourceServer, scopes } = exchange;
  let changes = noChanges(scopes);
  for (const action of tenant.scripts.credentialsExchange) {
    const ended = await runAction(deps, {
      action,
      trigger: 'credentials-exchange',
      handler: 'onExecuteCredentialsExchange',
      event: credentialsExchangeEvent({
        action,
        client,
        request,
        audience: resourceServer.identifier,
        scopes,
        tenantName: tenant.settings.friendlyName,
        changes,
      }),
      redirect: { mayRedirect: false, issuer: '', subject: '', ip: request.ip, state: undefined, parameters: {} },
      changes,
      trace,
      tokens: [],
    });
    if (!ended.ok) {
      throw new OAuthError('server_error', ended.message, {
        status: 500,
        detail: `Action ${action.name}: ${ended.detail}`,
        failedAction: action.name,
      });
    }
    const { denial } = ended.applied;
    if (denial !== undefined) {
      const code = codes.find((known) => known === denial[0]) ?? 'invalid_request';
      const own = `Access was denied; see trace ${trace.id}`;
      throw new OAuthError(code, showWords(denial.at(-1) ?? '', own, ended.origin), {
        status: code === 'server_error' ? 500 : 400,
        detail: `Action ${action.name}`,
      });
    }
    changes = ended.applied.changes;
  }
  return accessTokenClaims(changes.claims.accessToken, resourceServer);
}
