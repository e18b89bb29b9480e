import { type Static, type TProperties, type TSchema, Type } from '@sinclair/typebox';
import type { Client } from '../../core/client.ts';
import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts';
import { attachedKeysWire } from './client-credentials.ts';
import { type ClientWire, clientFromWire, clientWire, usualAuthMethodOf } from './clients.ts';

/** Settings of Auth0 for what Portico is not: they are kept and shown as they came, and nothing acts on them. */
const kept = [
  'addons',
  'allowed_clients',
  'anonymous_sessions',
  'async_approval_notification_channels',
  'b2b_integration_configuration',
  'client_aliases',
  'compliance_level',
  'cross_origin_auth',
  'cross_origin_authentication',
  'cross_origin_loc',
  'custom_login_page',
  'custom_login_page_on',
  'custom_login_page_preview',
  'default_organization',
  'encryption_key',
  'express_configuration',
  'fedcm_login',
  'form_template',
  'identity_assertion_authorization_grant',
  'is_token_endpoint_ip_header_trusted',
  'mobile',
  'my_organization_configuration',
  'native_social_login',
  'organization_discovery_methods',
  'organization_require_behavior',
  'organization_usage',
  'par_request_expiry',
  'redirection_policy',
  'session_transfer',
  'signed_request_object',
  'sso',
  'sso_disabled',
  'third_party_security_mode',
  'token_quota',
  'token_vault_privileged_access',
] as const;

/** The same; said when an application is made, and never changed. */
const keptFromCreation = 'resource_server_identifier';

/** Groups of which a change says only what changes (Auth0: recorded for `mobile` and `native_social_login`). */
const merged: readonly string[] = [
  'jwt_configuration',
  'mobile',
  'native_social_login',
  'session_transfer',
  'signed_request_object',
];

/** Groups whose members we read: what was said is shown again to the letter. */
const keptGroups = ['jwt_configuration', 'refresh_token', 'oidc_logout', 'token_exchange'] as const;

const anything = Type.Optional(Type.Unknown());
const { client_id: _, client_authentication_methods: __, ...settings } = clientWire.properties;
/** They are always shown, so that they are what readers take them for. */
const keptFlags = [
  'cross_origin_authentication',
  'custom_login_page_on',
  'is_token_endpoint_ip_header_trusted',
  'sso_disabled',
] as const;
const changeable: TProperties = {
  ...Object.fromEntries(kept.map((name) => [name, anything])),
  ...Object.fromEntries(keptFlags.map((name) => [name, Type.Optional(Type.Boolean())])),
  ...settings,
};

const metadata = Type.Record(
  Type.String({ maxLength: 255 }),
  Type.Union([Type.String({ maxLength: 255 }), Type.Null()]),
  { maxProperties: 10 },
);

/** `POST /clients`. Unknown settings are refused. A client that comes from Auth0 may bring its id along, and no other. */
export const newClientWire = Type.Object(
  {
    ...changeable,
    client_id: Type.Optional(
      Type.String({
        pattern: '^(?:[A-Za-z0-9]{32}|tpc_[A-Za-z0-9]{1,60})$',
        description: '32 letters and digits, or tpc_ and up to 60',
      }),
    ),
    client_authentication_methods: Type.Optional(clientWire.properties.client_authentication_methods),
    oidc_backchannel_logout: clientWire.properties.oidc_logout,
    [keptFromCreation]: Type.Optional(Type.String({ maxLength: 600 })),
    name: clientWire.properties.name,
  },
  { additionalProperties: false },
);
export type NewClient = Omit<ClientWire, 'client_id'> & JsonObject;

/** `PATCH /clients/:id`: null takes a setting back. */
export const clientChangesWire = Type.Object(
  {
    ...Object.fromEntries(Object.entries(changeable).map(([name, schema]) => [name, nullable(schema)])),
    name: Type.Optional(clientWire.properties.name),
    client_metadata: Type.Optional(Type.Union([metadata, Type.Null()])),
    client_authentication_methods: Type.Optional(Type.Union([attachedKeysWire, Type.Null()])),
    oidc_backchannel_logout: nullable(clientWire.properties.oidc_logout),
  },
  { additionalProperties: false, minProperties: 1 },
);
export type ClientChanges = Static<typeof clientChangesWire>;

function nullable(schema: TSchema): TSchema {
  return Type.Optional(Type.Union([schema, Type.Null()]));
}

/** The client that these settings describe; secret, credentials and age are the known client's. */
export function clientOf(
  wire: NewClient,
  known: Pick<Client, 'id' | 'secretHash' | 'sealedSecret' | 'credentials' | 'createdAt' | 'extra'> & {
    readonly isProvenByKey: boolean;
  },
  now: Date,
): Client {
  const { id, secretHash, sealedSecret, credentials, createdAt } = known;
  const client = clientFromWire({ ...wire, client_id: id }, { secretHash, sealedSecret, credentials, now });
  const isKept = (name: string) => ([...kept, ...keptGroups, keptFromCreation] as readonly string[]).includes(name);
  const extra = Object.fromEntries(Object.entries(wire).filter(([name, value]) => isKept(name) && value !== undefined));
  const said = {
    ...(wire.token_endpoint_auth_method === undefined ? {} : { saysAuthMethod: true }),
    ...(wire.app_type === undefined ? { hidesAppType: true } : {}),
  };
  return {
    ...client,
    ...(known.isProvenByKey ? { authMethod: 'private_key_jwt' as const } : {}),
    extra: { ...(known.extra.global === true ? { global: true } : {}), ...said, ...(extra as JsonObject) },
    createdAt,
  };
}

/**
 * What PATCH leaves: null removes, metadata and some groups are merged by key, the rest is replaced (contract: management
 * API §3.1). So the secret stays encoded as it is where auth0-deploy-cli changes the rest of the group.
 */
export function changedSettings(client: Client, changes: ClientChanges): NewClient {
  const settings: Record<string, Json> = { ...settingsOf(client) };
  for (const [name, value] of Object.entries(withNewerNames(changes as JsonObject, settings))) {
    if (name === 'client_authentication_methods') continue;
    if (value === null) delete settings[name];
    else if (name === 'client_metadata') settings[name] = merge(client.metadata, value);
    else if (merged.includes(name)) settings[name] = merge(settings[name], value);
    else settings[name] = value;
  }
  return settings as NewClient;
}

function merge(known: Json | undefined, changes: Json): Json {
  if (!isJsonObject(known) || !isJsonObject(changes)) return changes;
  return Object.fromEntries(Object.entries({ ...known, ...changes }).filter(([, value]) => value !== null));
}

/** `oidc_backchannel_logout` is what `oidc_logout` was called at first; Terraform's provider ends it by that name. */
export function withNewerNames(said: JsonObject, known: JsonObject = {}): JsonObject {
  const { oidc_backchannel_logout: older, ...rest } = said;
  if (older === undefined || rest.oidc_logout !== undefined) return rest;
  return { ...rest, oidc_logout: older === null ? null : merge(known.oidc_logout, older) };
}

/** What can be set, as it was set or as the defaults say. Lists that nobody has set are left out, as on Auth0. */
export function settingsOf(client: Client): JsonObject {
  const {
    saysAuthMethod,
    hidesAppType,
    global: ___,
    jwt_configuration: said,
    refresh_token: rotation,
    ...extra
  } = client.extra;
  const isUsual = client.authMethod === usualAuthMethodOf(client.appType);
  const showsMethod = client.authMethod !== 'private_key_jwt' && (saysAuthMethod === true || !isUsual);
  return {
    name: client.name,
    ...present('description', client.description),
    ...present('logo_uri', client.logoUrl),
    ...(hidesAppType === true ? {} : { app_type: client.appType }),
    is_first_party: client.isFirstParty,
    oidc_conformant: client.isOidcConformant,
    is_token_endpoint_ip_header_trusted: false,
    sso_disabled: false,
    cross_origin_authentication: false,
    custom_login_page_on: true,
    ...(showsMethod ? { token_endpoint_auth_method: client.authMethod } : {}),
    grant_types: client.grantTypes,
    ...list('callbacks', client.callbacks),
    ...list('allowed_logout_urls', client.logoutUrls),
    ...list('web_origins', client.webOrigins),
    ...list('allowed_origins', client.allowedOrigins),
    ...present('initiate_login_uri', client.initiateLoginUri),
    refresh_token: { ...refreshTokenOf(client), ...(isJsonObject(rotation) ? rotation : {}) },
    ...(client.backchannelLogoutUrls.length === 0
      ? {}
      : { oidc_logout: { backchannel_logout_urls: client.backchannelLogoutUrls } }),
    ...(client.tokenExchangeTypes.length === 0
      ? {}
      : { token_exchange: { allow_any_profile_of_type: client.tokenExchangeTypes } }),
    ...flag('require_pushed_authorization_requests', client.requiresPushedRequests),
    ...flag('require_proof_of_possession', client.requiresProofOfPossession),
    ...(client.trustsUnprovenCallbacks === undefined
      ? {}
      : { skip_non_verifiable_callback_uri_confirmation_prompt: client.trustsUnprovenCallbacks }),
    ...(Object.keys(client.metadata).length === 0 ? {} : { client_metadata: client.metadata }),
    ...extra,
    jwt_configuration: idTokensOf(client, said),
  };
}

/** What was said of ID tokens, in one order whoever said it: tools compare texts. */
function idTokensOf(client: Client, said: Json | undefined): JsonObject {
  const { secret_encoded: _, ...rest } = isJsonObject(said) ? said : { alg: client.idTokenAlgorithm };
  return { ...rest, lifetime_in_seconds: client.idTokenLifetimeSeconds, ...encodingOf(client) };
}

const encodingOf = ({ isSecretEncoded }: Client): JsonObject => ({ secret_encoded: isSecretEncoded });
const present = (name: string, value: string | undefined): JsonObject => (value === undefined ? {} : { [name]: value });
const list = (name: string, values: readonly string[]): JsonObject => (values.length === 0 ? {} : { [name]: values });
const flag = (name: string, isOn: boolean): JsonObject => (isOn ? { [name]: true } : {});

function refreshTokenOf({ refreshToken }: Client): JsonObject {
  const { rotation, leewaySeconds, lifetimeSeconds, idleLifetimeSeconds, policies } = refreshToken;
  const isExpiring = lifetimeSeconds !== undefined || idleLifetimeSeconds !== undefined;
  return {
    rotation_type: rotation,
    expiration_type: isExpiring ? 'expiring' : 'non-expiring',
    leeway: leewaySeconds,
    token_lifetime: lifetimeSeconds ?? 2_592_000,
    infinite_token_lifetime: lifetimeSeconds === undefined,
    idle_token_lifetime: idleLifetimeSeconds ?? 1_296_000,
    infinite_idle_token_lifetime: idleLifetimeSeconds === undefined,
    ...(policies.length === 0
      ? {}
      : { policies: policies.map(({ audience, scopes }) => ({ audience, scope: scopes })) }),
  };
}
