import type { TokenExchange } from '../../actions/token-exchange.ts';
import type { BoundAction } from '../../core/action.ts';
import type { Client } from '../../core/client.ts';
import { OAuthError } from '../../core/errors.ts';
import { tokenExchangeGrantType } from '../../core/token-exchange.ts';
import type { Snapshot } from '../../tenant/directory.ts';
import { grantNotAllowed } from './grant-not-allowed.ts';
import { grantableScopes } from './grantable-scopes.ts';
import { resourceServerOf, type TokenDeps, type TokenRequest } from './issue-tokens.ts';
import { requireParameter } from './require-parameter.ts';

/** Auth0: the client says so by a setting of its own, not by its grant types, and must be first-party. */
function checkClient({ tokenExchangeTypes, isFirstParty }: Client): void {
  if (isFirstParty && tokenExchangeTypes.includes('custom_authentication')) return;
  throw grantNotAllowed(tokenExchangeGrantType);
}

/** A token exchange as it was asked for. */
export type Asked = Omit<TokenExchange, 'trace' | 'request'> & { readonly request: TokenRequest };

/** Throws OAuthError where the client may not, something is missing, or more is asked for than is served. */
export async function readExchange(deps: TokenDeps, client: Client, request: TokenRequest): Promise<Asked> {
  checkClient(client);
  const { values } = request.body;
  const subjectTokenType = requireParameter(request.body, 'subject_token_type');
  const subjectToken = requireParameter(request.body, 'subject_token');
  checkServed(values);
  const tenant = await deps.directory.read();
  const action = getAction(tenant, subjectTokenType);
  const resourceServer = resourceServerOf(
    tenant,
    values.audience ?? values.resource ?? tenant.settings.defaultAudience,
  );
  if (resourceServer?.skipsConsentForFirstParty === false) {
    throw new OAuthError('consent_required', 'Consent required', { status: 403 });
  }
  const scopes = grantableScopes(values.scope, client, resourceServer);
  return { tenant, request, client, resourceServer, scopes, action, subjectToken, subjectTokenType };
}

/** A delegation that was asked for and not made would be a token that says less than it should. */
function checkServed({ actor_token: token, actor_token_type: type, requested_token_type: wanted }: Values): void {
  if (token !== undefined || type !== undefined) throw invalid('actor_token is not supported');
  if (wanted !== undefined && wanted !== issuedTokenType) throw invalid('Unsupported requested_token_type');
}

type Values = Readonly<Record<string, string>>;

export const issuedTokenType = 'urn:ietf:params:oauth:token-type:access_token';

function getAction({ scripts }: Snapshot, subjectTokenType: string): BoundAction {
  const action = scripts.tokenExchanges.get(subjectTokenType);
  if (action !== undefined) return action;
  throw invalid(`Unsupported subject_token_type: ${subjectTokenType.slice(0, 100)}`);
}

const invalid = (message: string): OAuthError => new OAuthError('invalid_request', message);
