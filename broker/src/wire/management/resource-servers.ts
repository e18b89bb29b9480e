import { type Static, Type } from '@sinclair/typebox';
import { type ClientGrant, type ResourceServer, resourceServerDefaults, tokenDialects } from '../../core/client.ts';
import type { ClientId, Sealed } from '../../core/ids.ts';

/** Kept and shown as they came; nothing acts on them. */
export const keptApiSettings = [
  'allow_online_access',
  'allow_online_access_with_ephemeral_sessions',
  'authorization_details',
  'authorization_policy',
  'client',
  'consent_policy',
  'enforce_policies',
  'proof_of_possession',
  'subject_type_authorization',
  'token_encryption',
  'token_lifetime_for_anonymous_access_tokens',
] as const;

/** An API as Auth0's Management API writes it. */
export const resourceServerWire = Type.Object({
  identifier: Type.String({ minLength: 1, maxLength: 600 }),
  name: Type.Optional(Type.String({ maxLength: 200 })),
  scopes: Type.Optional(
    Type.Array(
      Type.Object({
        value: Type.String({ minLength: 1, maxLength: 280, pattern: '^[^\\s]+$', description: 'without blanks' }),
        description: Type.Optional(Type.String({ maxLength: 500 })),
      }),
      { maxItems: 1000 },
    ),
  ),
  token_lifetime: Type.Optional(Type.Integer({ minimum: 1, maximum: 2_592_000 })),
  token_lifetime_for_web: Type.Optional(Type.Integer({ minimum: 1, maximum: 2_592_000 })),
  allow_offline_access: Type.Optional(Type.Boolean()),
  skip_consent_for_verifiable_first_party_clients: Type.Optional(Type.Boolean()),
  signing_alg: Type.Optional(Type.Union([Type.Literal('RS256'), Type.Literal('HS256'), Type.Literal('PS256')])),
  signing_secret: Type.Optional(Type.String({ minLength: 16, maxLength: 256 })),
  token_dialect: Type.Optional(Type.Union(tokenDialects.map((dialect) => Type.Literal(dialect)))),
});
export type ResourceServerWire = Static<typeof resourceServerWire>;

export const clientGrantWire = Type.Object(
  {
    client_id: Type.String({ minLength: 1 }),
    audience: Type.String({ minLength: 1 }),
    scope: Type.Array(Type.String({ maxLength: 280 }), { maxItems: 1000 }),
    subject_type: Type.Optional(Type.Literal('client')),
  },
  { additionalProperties: false },
);
export type ClientGrantWire = Static<typeof clientGrantWire>;

/** The Management API's own audience. */
export const systemAudienceOf = (issuerUrl: string): string => `${issuerUrl}api/v2/`;

/** Auth0's defaults: a day, two hours through a browser, no offline access. The caller has sealed the secret. */
export const resourceServerFromWire = (
  wire: ResourceServerWire,
  id: string,
  sealedSigningSecret?: Sealed,
): ResourceServer => ({
  ...resourceServerDefaults,
  id,
  identifier: wire.identifier,
  name: wire.name ?? wire.identifier,
  scopes: (wire.scopes ?? []).map(({ value, description }) => ({ value, description: description ?? '' })),
  tokenLifetimeSeconds: wire.token_lifetime ?? 86_400,
  tokenLifetimeForWebSeconds: wire.token_lifetime_for_web ?? 7_200,
  allowsOfflineAccess: wire.allow_offline_access ?? false,
  skipsConsentForFirstParty:
    wire.skip_consent_for_verifiable_first_party_clients ?? resourceServerDefaults.skipsConsentForFirstParty,
  signingAlgorithm: wire.signing_alg ?? resourceServerDefaults.signingAlgorithm,
  sealedSigningSecret,
  tokenDialect: wire.token_dialect ?? resourceServerDefaults.tokenDialect,
  isSystem: false,
});

const scopeToWire = ({ value, description }: ResourceServer['scopes'][number]) => ({
  value,
  ...(description === '' ? {} : { description }),
});

/** Applications need a client grant, people do not, unless an API says otherwise. */
const whoMayAsk = { client: { policy: 'require_client_grant' }, user: { policy: 'allow_all' } };

/** As it is shown; the secret of HS256 with it. A name that is the identifier was never set. */
export const resourceServerToWire = (api: ResourceServer, openSecret: (id: string, sealed: Sealed) => string) => ({
  id: api.id,
  ...(api.name === api.identifier ? {} : { name: api.name }),
  identifier: api.identifier,
  ...(api.scopes.length === 0 ? {} : { scopes: api.scopes.map(scopeToWire) }),
  signing_alg: api.signingAlgorithm,
  ...(api.sealedSigningSecret === undefined ? {} : { signing_secret: openSecret(api.id, api.sealedSigningSecret) }),
  allow_offline_access: api.allowsOfflineAccess,
  token_lifetime: api.tokenLifetimeSeconds,
  token_lifetime_for_web: api.tokenLifetimeForWebSeconds,
  ...(api.tokenDialect === resourceServerDefaults.tokenDialect ? {} : { token_dialect: api.tokenDialect }),
  skip_consent_for_verifiable_first_party_clients: api.skipsConsentForFirstParty,
  is_system: api.isSystem,
  ...(api.isSystem ? {} : { subject_type_authorization: whoMayAsk }),
  ...api.extra,
});

export const clientGrantToWire = ({ id, clientId, audience, scopes }: ClientGrant) => ({
  id,
  client_id: clientId,
  audience,
  scope: scopes,
  subject_type: 'client',
});

export const clientGrantFromWire = (wire: ClientGrantWire, id: string): ClientGrant => ({
  id,
  clientId: wire.client_id as ClientId,
  audience: wire.audience,
  scopes: wire.scope,
});
