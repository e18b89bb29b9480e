import { deviceGrantType } from '../core/device-code.ts';
import { tokenExchangeGrantType } from '../core/token-exchange.ts';
import { cachedJsonReply } from '../http/reply.ts';
import type { HttpReply } from '../http/route.ts';
import { proofAlgorithms } from './dpop/read-proof.ts';
import type { Keys } from './keys.ts';

const cacheSeconds = 15;

/** `/.well-known/openid-configuration`: Auth0's fields, as far as they are true of us. Serialised once. */
export function discovery(issuerUrl: string): () => HttpReply {
  const document = {
    issuer: issuerUrl,
    authorization_endpoint: `${issuerUrl}authorize`,
    token_endpoint: `${issuerUrl}oauth/token`,
    device_authorization_endpoint: `${issuerUrl}oauth/device/code`,
    userinfo_endpoint: `${issuerUrl}userinfo`,
    jwks_uri: `${issuerUrl}.well-known/jwks.json`,
    pushed_authorization_request_endpoint: `${issuerUrl}oauth/par`,
    revocation_endpoint: `${issuerUrl}oauth/revoke`,
    end_session_endpoint: `${issuerUrl}oidc/logout`,
    scopes_supported: ['openid', 'profile', 'email', 'offline_access', 'user_metadata'],
    response_types_supported: [
      'code',
      'token',
      'id_token',
      'code token',
      'code id_token',
      'token id_token',
      'code token id_token',
    ],
    response_modes_supported: ['query', 'fragment', 'form_post'],
    grant_types_supported: [
      'authorization_code',
      'implicit',
      'refresh_token',
      'client_credentials',
      deviceGrantType,
      tokenExchangeGrantType,
    ],
    code_challenge_methods_supported: ['S256'],
    subject_types_supported: ['public'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
    token_endpoint_auth_signing_alg_values_supported: ['RS256', 'RS384', 'PS256'],
    id_token_signing_alg_values_supported: ['HS256', 'RS256', 'PS256'],
    dpop_signing_alg_values_supported: proofAlgorithms,
    claims_supported: [
      'aud',
      'auth_time',
      'email',
      'email_verified',
      'exp',
      'family_name',
      'given_name',
      'iat',
      'iss',
      'name',
      'nickname',
      'picture',
      'sub',
    ],
    request_parameter_supported: false,
    request_uri_parameter_supported: false,
    authorization_response_iss_parameter_supported: true,
    backchannel_logout_supported: true,
    backchannel_logout_session_supported: true,
  };
  const reply = cachedJsonReply(JSON.stringify(document), cacheSeconds);
  return () => reply;
}

/** `/.well-known/jwks.json`: next, current and previous keys. Kept briefly, so that a rotation is seen soon. */
export const jwks = (keys: Keys) => async (): Promise<HttpReply> =>
  cachedJsonReply((await keys.read()).jwks, cacheSeconds);
