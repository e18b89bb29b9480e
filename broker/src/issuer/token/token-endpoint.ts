import type { Client } from '../../core/client.ts';
import { deviceGrantType } from '../../core/device-code.ts';
import { OAuthError } from '../../core/errors.ts';
import { repeatable } from '../../core/repeatable.ts';
import { tokenExchangeGrantType } from '../../core/token-exchange.ts';
import { withoutEmpty } from '../../http/parameters.ts';
import { jsonReply } from '../../http/reply.ts';
import { type HttpReply, type HttpRequest, header } from '../../http/route.ts';
import { redeemCode } from './authorization-code.ts';
import { checkOrganization } from './check-organization.ts';
import { checkRepeated } from './check-repeated.ts';
import { grantToClient } from './client-credentials.ts';
import { pollDeviceCode } from './device-code.ts';
import { grantNotAllowed } from './grant-not-allowed.ts';
import type { TokenAnswer, TokenDeps, TokenRequest } from './issue-tokens.ts';
import { refresh } from './refresh-token.ts';
import { requireParameter } from './require-parameter.ts';
import { createThinning } from './thinning.ts';
import { recordingFailure, recordTokens } from './token-events.ts';
import { exchangeToken } from './token-exchange.ts';

type Grant = (deps: TokenDeps, client: Client, request: TokenRequest) => Promise<TokenAnswer>;

const grants: ReadonlyMap<string, Grant> = new Map([
  ['authorization_code', redeemCode],
  ['refresh_token', refresh],
  ['client_credentials', grantToClient],
  [deviceGrantType, pollDeviceCode],
  [tokenExchangeGrantType, exchangeToken],
]);

/** Grant types that Auth0 knows and Portico does not serve: refused as not enabled, not as unknown. */
const foreignGrants: ReadonlySet<string> = new Set([
  'password',
  'http://auth0.com/oauth/grant-type/password-realm',
  'http://auth0.com/oauth/grant-type/passwordless/otp',
  'http://auth0.com/oauth/grant-type/mfa-otp',
  'http://auth0.com/oauth/grant-type/mfa-oob',
  'http://auth0.com/oauth/grant-type/mfa-recovery-code',
  'urn:okta:params:oauth:grant-type:webauthn',
  'urn:openid:params:grant-type:ciba',
]);

/** `POST /oauth/token`: form or JSON; the client proves itself, and its key if it has one, then its grant type decides. */
export function tokenEndpoint(deps: TokenDeps & { readonly countToken: (grantType: string) => void }) {
  const recording = { ...deps, thin: createThinning(deps.clock) };
  return async (request: HttpRequest): Promise<HttpReply> => {
    const parameters = withoutEmpty(request.body);
    checkRepeated(parameters);
    const grantType = requireParameter(parameters, 'grant_type');
    const grant = grants.get(grantType);
    if (grant === undefined && !foreignGrants.has(grantType)) {
      throw new OAuthError('unsupported_grant_type', `Unsupported grant type: ${repeatable(grantType)}`);
    }
    const attempt = { request, grantType };
    const client = await recordingFailure(deps, { ...attempt, client: undefined }, () =>
      deps.authenticateClient(parameters, header(request, 'authorization')),
    );
    return recordingFailure(deps, { ...attempt, client }, async () => {
      // Auth0: a setting of its own decides about token exchange, not the list of grant types.
      const isListed = grantType === tokenExchangeGrantType || client.grantTypes.includes(grantType);
      if (grant === undefined || !isListed) throw grantNotAllowed(grantType);
      checkOrganization(parameters);
      const keyThumbprint = await deps.proofs.verify(request, client);
      const { body, facts } = await grant(deps, client, { ...request, body: parameters, keyThumbprint });
      deps.countToken(grantType);
      recordTokens(recording, { ...attempt, client }, facts);
      return jsonReply(200, body, keyThumbprint === undefined ? {} : await deps.proofs.nonceHeader());
    });
  };
}
