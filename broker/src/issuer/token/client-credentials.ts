import type { Exchange } from '../../actions/credentials-exchange.ts';
import { mayHaveTokens, noTokensFor } from '../../core/api-policy.ts';
import type { Client, ClientGrant } from '../../core/client.ts';
import { OAuthError } from '../../core/errors.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import { parseScopes } from '../../core/scope.ts';
import { getResourceServer, type TokenAnswer, type TokenDeps, type TokenRequest, tokenTypeOf } from './issue-tokens.ts';
import { keepingAttempt } from './keep-attempt.ts';

/** RFC 6749 §4.4: a token for the client itself, as far as its client grant goes. */
export async function grantToClient(deps: TokenDeps, client: Client, request: TokenRequest): Promise<TokenAnswer> {
  const { values } = request.body;
  if (client.authMethod === 'none') throw notAllowed();
  const tenant = await deps.directory.read();
  const audience = values.audience ?? tenant.settings.defaultAudience;
  // Auth0's words for a request without audience.
  if (audience === undefined || audience === '') {
    throw denied('Non-global clients are not allowed access to APIv1');
  }
  const resourceServer = getResourceServer(tenant, audience);
  if (!mayHaveTokens(resourceServer, 'client')) throw denied(noTokensFor(resourceServer));
  const grant = tenant.findClientGrant(client.id, audience);
  if (grant === undefined) throw denied(missingGrant(audience));
  const scopes = scopesOf(grant, values.scope);
  const claims =
    tenant.scripts.credentialsExchange.length === 0
      ? undefined
      : await runScripts(deps, { tenant, request, client, resourceServer, scopes });
  const { token, expiresInSeconds } = await deps.minter.mintAccessToken({
    subject: `${client.id}@clients`,
    clientId: client.id,
    grantId: undefined,
    scopes,
    resourceServer,
    isFrontChannel: false,
    grantType: 'client-credentials',
    keyThumbprint: request.keyThumbprint,
    claims,
    now: deps.clock.now(),
  });
  const body: Record<string, Json> = { access_token: token };
  if (scopes.length > 0) body.scope = scopes.join(' ');
  body.expires_in = expiresInSeconds;
  body.token_type = tokenTypeOf(request);
  return { body, facts: { audience, scopes } };
}

function runScripts(deps: TokenDeps, given: Omit<Exchange, 'trace'>): Promise<JsonObject> {
  const { client, request } = given;
  const facts = { kind: 'client-credentials', traceId: request.traceId, clientId: client.id } as const;
  const secrets = [request.body.values.client_secret, request.body.values.client_assertion];
  return keepingAttempt(deps, { ...facts, secrets }, (trace) =>
    deps.actions.runCredentialsExchange({ ...given, trace }),
  );
}

function scopesOf(grant: ClientGrant, asked: string | undefined): readonly string[] {
  const wanted = parseScopes(asked);
  if (wanted.length === 0) return grant.scopes;
  const missing = wanted.filter((scope) => !grant.scopes.includes(scope));
  if (missing.length > 0) throw denied(`Client has not been granted scopes: ${missing.join(', ')}`);
  return wanted;
}

const missingGrant = (audience: string): string =>
  `Client is not authorized to access "${audience}". You need to create a "client-grant" associated to this API. See: https://auth0.com/docs/api/v2#!/Client_Grants/post_client_grants`;

const denied = (message: string): OAuthError => new OAuthError('access_denied', message, { status: 403 });

const notAllowed = (): OAuthError =>
  new OAuthError('unauthorized_client', "Grant type 'client_credentials' not allowed for the client.", { status: 403 });
