import type { BoundAction } from '../core/action.ts';
import type { Client } from '../core/client.ts';
import type { JsonObject } from '../core/json.ts';
import { parseScopes } from '../core/scope.ts';
import type { HttpRequest } from '../http/route.ts';
import { header } from '../http/route.ts';
import { type Changes, mergeMetadata } from './changes.ts';
import { compact } from './compact.ts';
import { eventRefreshToken, eventSession } from './event-session.ts';
import type { SignIn } from './sign-in.ts';
import type { TokenExchange } from './token-exchange.ts';

/** What a token request proves somebody with; a script gets along without. */
const secretParameters: ReadonlySet<string> = new Set([
  'client_secret',
  'client_assertion',
  'code',
  'code_verifier',
  'refresh_token',
  'password',
  'subject_token',
  'actor_token',
]);

/**
 * `event` of post-login, as Auth0 documents it: plain JSON. Metadata, statistics, query and body are always objects, since
 * published scripts read through them without asking.
 */
export function postLoginEvent(
  signIn: SignIn,
  given: { readonly action: BoundAction; readonly identities: readonly JsonObject[]; readonly changes: Changes },
): JsonObject {
  const { tenant, connection, client, resourceServer, session, refreshToken, user } = signIn;
  return {
    user: eventUser(signIn, given),
    connection: {
      id: connection.id,
      name: connection.name,
      strategy: connection.strategy,
      metadata: connection.metadata,
    },
    client: eventClient(client),
    request: eventRequest(signIn.request, authorizeParameters(signIn)),
    transaction: eventTransaction(signIn, given.changes),
    authentication: { methods: [{ name: 'federated', timestamp: session.authenticatedAt.toISOString() }] },
    stats: { logins_count: user.loginsCount },
    tenant: { id: tenantIdOf(tenant.settings.friendlyName) },
    ...(resourceServer === undefined ? {} : { resource_server: { identifier: resourceServer.identifier } }),
    session: eventSession(signIn, given.changes),
    ...(refreshToken === undefined ? {} : { refresh_token: eventRefreshToken(refreshToken, given.changes) }),
    secrets: given.action.secrets,
  };
}

/** `event` of credentials-exchange. */
export function credentialsExchangeEvent(given: {
  readonly action: BoundAction;
  readonly client: Client;
  readonly request: HttpRequest;
  readonly audience: string;
  readonly scopes: readonly string[];
  readonly tenantName: string;
  readonly changes: Changes;
}): JsonObject {
  return {
    client: eventClient(given.client),
    request: eventRequest(given.request, undefined),
    resource_server: { identifier: given.audience },
    transaction: { requested_scopes: given.scopes, metadata: given.changes.transactionMetadata },
    accessToken: { scope: given.changes.scopes, customClaims: given.changes.claims.accessToken },
    tenant: { id: tenantIdOf(given.tenantName) },
    secrets: given.action.secrets,
  };
}

/** `event` of custom-token-exchange: what proves the person is there, the person is not. */
export const tokenExchangeEvent = (given: TokenExchange): JsonObject =>
  compact({
    client: eventClient(given.client),
    request: eventRequest(given.request, undefined),
    resource_server: given.resourceServer && { identifier: given.resourceServer.identifier },
    transaction: {
      subject_token: given.subjectToken,
      subject_token_type: given.subjectTokenType,
      requested_scopes: parseScopes(given.request.body.values.scope),
    },
    tenant: { id: tenantIdOf(given.tenant.settings.friendlyName) },
    secrets: given.action.secrets,
  });

/** A name that can stand in an address: Auth0 calls a tenant by such a one. */
export const tenantIdOf = (friendlyName: string): string =>
  friendlyName
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '') || 'tenant';

type UserGiven = { readonly identities: readonly JsonObject[]; readonly changes: Changes };

/** The person with what earlier scripts have changed; for Rules too. */
export function eventUser({ user }: Pick<SignIn, 'user'>, { identities, changes }: UserGiven): JsonObject {
  const userMetadata = mergeMetadata(user.userMetadata, changes.userMetadata);
  const appMetadata = mergeMetadata(user.appMetadata, changes.appMetadata);
  return {
    ...user.attributes,
    user_id: user.id,
    created_at: user.createdAt.toISOString(),
    updated_at: user.updatedAt.toISOString(),
    email_verified: user.attributes.email_verified === true,
    user_metadata: userMetadata,
    app_metadata: appMetadata,
    identities,
    multifactor: [],
    enrolledFactors: [],
  };
}

const eventClient = ({ id, name, metadata }: Client): JsonObject => ({ client_id: id, name, metadata });

/** undefined: the request itself is what a script sees. */
export const authorizeParameters = ({ resumed, protocol, parameters }: SignIn): SignIn['parameters'] | undefined =>
  resumed !== undefined || requestsOfTheirOwn.has(protocol) ? undefined : parameters;

/** Protocols that come without /authorize. */
const requestsOfTheirOwn: ReadonlySet<SignIn['protocol']> = new Set(['oauth2-refresh-token', 'oauth2-token-exchange']);

/** Auth0: the query is that of /authorize, not what the provider sent back; after a redirect it is the new request. */
export function eventRequest(
  request: HttpRequest,
  authorize: Readonly<Record<string, string>> | undefined,
): JsonObject {
  return compact({
    ip: request.ip,
    method: request.method,
    hostname: header(request, 'host')?.replace(/:\d+$/, ''),
    user_agent: header(request, 'user-agent'),
    language: header(request, 'accept-language'),
    query: withoutSecretParameters(authorize ?? request.query.values),
    body: withoutSecretParameters(authorize === undefined ? request.body.values : {}),
    geoip: {},
  });
}

const withoutSecretParameters = (values: Readonly<Record<string, string>>): JsonObject =>
  Object.fromEntries(Object.entries(values).filter(([name]) => !secretParameters.has(name)));

function eventTransaction({ parameters, protocol, trace, resumed }: SignIn, changes: Changes): JsonObject {
  return compact({
    id: trace.id,
    protocol,
    redirect_uri: parameters.redirect_uri,
    requested_scopes: parseScopes(parameters.scope),
    response_mode: parameters.response_mode,
    response_type: parameters.response_type === undefined ? undefined : parameters.response_type.split(' '),
    state: resumed?.state ?? parameters.state,
    prompt: parameters.prompt === undefined ? undefined : parameters.prompt.split(' '),
    login_hint: parameters.login_hint,
    ui_locales: parameters.ui_locales === undefined ? undefined : parameters.ui_locales.split(' '),
    acr_values: parseScopes(parameters.acr_values),
    metadata: changes.transactionMetadata,
  });
}
