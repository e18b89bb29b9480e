import { type Static, Type } from '@sinclair/typebox';
import {
  appTypes,
  type Client,
  type ClientCredential,
  clientDefaults,
  defaultRefreshTokenSettings,
} from '../../core/client.ts';
import type { ClientId, HandleHash, Sealed } from '../../core/ids.ts';
import type { JsonObject } from '../../core/json.ts';
import { clientAuthenticationMethodsWire } from './client-credentials.ts';

const strings = Type.Array(Type.String({ maxLength: 2048 }), { maxItems: 100 });
const literals = <const Values extends readonly string[]>(values: Values) =>
  Type.Union(values.map((value) => Type.Literal(value as Values[number])));

/** https, as Auth0 has it, and http on this machine, where there is no wire to listen on; nothing takes it back. */
const initiateLoginUri =
  '^(?:|https://[^\\s\\\\#]+|http://(?:localhost|127\\.0\\.0\\.1|\\[::1\\])(?::\\d+)?(?:[/?][^\\s\\\\#]*)?)$';

/** A client as Auth0's Management API writes it. */
export const clientWire = Type.Object({
  client_id: Type.String({ minLength: 1, maxLength: 64, pattern: '^[A-Za-z0-9_-]+$' }),
  client_secret: Type.Optional(Type.String({ minLength: 16, maxLength: 256 })),
  name: Type.String({ minLength: 1, maxLength: 256, pattern: '^[^<>]*$', description: 'a name without < and >' }),
  description: Type.Optional(Type.String({ maxLength: 140 })),
  oidc_conformant: Type.Optional(Type.Boolean()),
  app_type: Type.Optional(literals(appTypes)),
  is_first_party: Type.Optional(Type.Boolean()),
  token_endpoint_auth_method: Type.Optional(literals(['none', 'client_secret_post', 'client_secret_basic'])),
  client_authentication_methods: Type.Optional(clientAuthenticationMethodsWire),
  require_pushed_authorization_requests: Type.Optional(Type.Boolean()),
  require_proof_of_possession: Type.Optional(Type.Boolean()),
  callbacks: Type.Optional(strings),
  allowed_logout_urls: Type.Optional(strings),
  web_origins: Type.Optional(strings),
  allowed_origins: Type.Optional(strings),
  grant_types: Type.Optional(strings),
  logo_uri: Type.Optional(Type.String({ maxLength: 2048 })),
  initiate_login_uri: Type.Optional(
    Type.String({ maxLength: 2048, pattern: initiateLoginUri, description: 'an https address, or nothing' }),
  ),
  redirection_policy: Type.Optional(literals(['allow_always', 'open_redirect_protection'])),
  skip_non_verifiable_callback_uri_confirmation_prompt: Type.Optional(Type.Boolean()),
  jwt_configuration: Type.Optional(
    Type.Object({
      lifetime_in_seconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 2_592_000 })),
      alg: Type.Optional(literals(['RS256', 'HS256', 'PS256'])),
      secret_encoded: Type.Optional(Type.Boolean()),
    }),
  ),
  refresh_token: Type.Optional(
    Type.Object({
      rotation_type: literals(['rotating', 'non-rotating']),
      expiration_type: literals(['expiring', 'non-expiring']),
      leeway: Type.Optional(Type.Integer({ minimum: 0, maximum: 600 })),
      token_lifetime: Type.Optional(Type.Integer({ minimum: 1, maximum: 31_557_600 })),
      infinite_token_lifetime: Type.Optional(Type.Boolean()),
      idle_token_lifetime: Type.Optional(Type.Integer({ minimum: 1, maximum: 31_557_600 })),
      infinite_idle_token_lifetime: Type.Optional(Type.Boolean()),
      policies: Type.Optional(
        Type.Array(
          Type.Object({
            audience: Type.String({ minLength: 1, maxLength: 600 }),
            scope: Type.Array(Type.String({ minLength: 1, maxLength: 280 }), { maxItems: 1000 }),
          }),
          { maxItems: 100 },
        ),
      ),
    }),
  ),
  oidc_logout: Type.Optional(
    Type.Object({
      backchannel_logout_urls: Type.Optional(
        Type.Array(
          Type.String({
            maxLength: 2048,
            pattern: '^https?://[^\\s#]+$',
            description: 'an address without a fragment',
          }),
          { maxItems: 1 },
        ),
      ),
    }),
  ),
  token_exchange: Type.Optional(
    Type.Object({
      allow_any_profile_of_type: Type.Optional(
        Type.Array(literals(['custom_authentication', 'on_behalf_of_token_exchange'])),
      ),
    }),
  ),
  client_metadata: Type.Optional(Type.Record(Type.String({ maxLength: 255 }), Type.String({ maxLength: 255 }))),
});
export type ClientWire = Static<typeof clientWire>;

type FromWire = {
  readonly secretHash: HandleHash | undefined;
  readonly sealedSecret: Sealed | undefined;
  /** Made from `client_authentication_methods`; undefined: none. */
  readonly credentials?: readonly ClientCredential[] | undefined;
  readonly now: Date;
};

const defaultGrantTypes = ['authorization_code', 'implicit', 'refresh_token', 'client_credentials'];
const monthSeconds = 2_592_000;
const halfMonthSeconds = 1_296_000;

export const clientAuthMethodOf = (wire: ClientWire): Client['authMethod'] =>
  wire.client_authentication_methods === undefined
    ? (wire.token_endpoint_auth_method ?? usualAuthMethodOf(wire.app_type))
    : 'private_key_jwt';

/** Single-page applications have no secret unless they say so. */
export const usualAuthMethodOf = (appType: ClientWire['app_type']) =>
  appType === 'spa' || appType === 'native' ? 'none' : 'client_secret_post';

/** Auth0's defaults for what is not said. The caller has hashed and sealed the secret. */
export function clientFromWire(
  wire: ClientWire,
  { secretHash, sealedSecret, credentials = [], now }: FromWire,
): Client {
  const authMethod = clientAuthMethodOf(wire);
  return {
    ...clientDefaults,
    id: wire.client_id as ClientId,
    name: wire.name,
    description: wire.description,
    isOidcConformant: wire.oidc_conformant ?? clientDefaults.isOidcConformant,
    isFirstParty: wire.is_first_party ?? true,
    appType: wire.app_type ?? 'regular_web',
    authMethod,
    credentials,
    secretHash,
    sealedSecret,
    callbacks: wire.callbacks ?? [],
    logoutUrls: wire.allowed_logout_urls ?? [],
    webOrigins: wire.web_origins ?? [],
    allowedOrigins: wire.allowed_origins ?? [],
    grantTypes:
      wire.grant_types ??
      (wire.app_type === 'resource_server' ? [] : defaultGrantTypes).filter(
        (name) => authMethod !== 'none' || name !== 'client_credentials',
      ),
    idTokenLifetimeSeconds: wire.jwt_configuration?.lifetime_in_seconds ?? 36_000,
    idTokenAlgorithm: wire.jwt_configuration?.alg ?? 'RS256',
    isSecretEncoded: wire.jwt_configuration?.secret_encoded ?? false,
    requiresPushedRequests: wire.require_pushed_authorization_requests ?? false,
    requiresProofOfPossession: wire.require_proof_of_possession ?? false,
    refreshToken: refreshTokenFromWire(wire.refresh_token),
    logoUrl: wire.logo_uri || undefined,
    initiateLoginUri: wire.initiate_login_uri || undefined,
    redirectionPolicy: wire.redirection_policy,
    trustsUnprovenCallbacks: wire.skip_non_verifiable_callback_uri_confirmation_prompt,
    backchannelLogoutUrls: wire.oidc_logout?.backchannel_logout_urls ?? [],
    tokenExchangeTypes: (wire.token_exchange?.allow_any_profile_of_type ?? []).filter(
      (type) => type === 'custom_authentication',
    ),
    metadata: (wire.client_metadata ?? {}) as JsonObject,
    createdAt: now,
    updatedAt: now,
  };
}

function refreshTokenFromWire(wire: ClientWire['refresh_token']): Client['refreshToken'] {
  if (wire === undefined) return defaultRefreshTokenSettings;
  const isExpiring = wire.expiration_type === 'expiring';
  return {
    ...defaultRefreshTokenSettings,
    rotation: wire.rotation_type,
    leewaySeconds: wire.leeway ?? 0,
    lifetimeSeconds:
      isExpiring && wire.infinite_token_lifetime !== true ? (wire.token_lifetime ?? monthSeconds) : undefined,
    idleLifetimeSeconds:
      isExpiring && wire.infinite_idle_token_lifetime !== true
        ? (wire.idle_token_lifetime ?? halfMonthSeconds)
        : undefined,
    policies: (wire.policies ?? []).map(({ audience, scope }) => ({ audience, scopes: scope })),
  };
}
