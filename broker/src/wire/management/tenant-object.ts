import { type TProperties, type TSchema, Type } from '@sinclair/typebox';
import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts';
import type { TenantSettings } from '../../core/tenant.ts';
import { type BrandingWire, brandingWire } from './branding.ts';
import { type TenantWire, tenantFromWire, tenantWire } from './tenant.ts';

/** Settings of Auth0 for what Portico is not: kept and shown as they came. */
const kept = [
  'acr_values_supported',
  'allow_organization_name_in_authentication_api',
  'authorization_response_iss_parameter_supported',
  'change_password',
  'client_id_metadata_document_supported',
  'country_codes',
  'customize_mfa_in_postlogin_action',
  'default_directory',
  'default_token_quota',
  'device_flow',
  'dynamic_client_registration_security_mode',
  'enable_ai_guide',
  'ephemeral_session_lifetime',
  'guardian_mfa_page',
  'idle_ephemeral_session_lifetime',
  'include_session_metadata_in_tenant_logs',
  'legacy_sandbox_version',
  'mtls',
  'oidc_logout',
  'phone_consolidated_experience',
  'pushed_authorization_requests_supported',
  'sandbox_version',
  'sandbox_versions_available',
  'security_headers',
  'session_cookie',
  'sessions',
  'support_email',
] as const;

/** Auth0: an empty text takes a setting back as null does, and is shown. */
const emptiable = Type.String({ maxLength: 2048, pattern: '^(?:https?://[^\\s\\\\]+)?$' });
/** In hours; whoever changes one may say it in minutes, as `auth0-deploy-cli` does. */
export const lifetimes = [
  'session_lifetime',
  'idle_session_lifetime',
  'ephemeral_session_lifetime',
  'idle_ephemeral_session_lifetime',
] as const;
const minutes = Type.Optional(Type.Number({ minimum: 1, maximum: 43_200 }));
const { flags, error_page: _, ...plain } = tenantWire.properties;
const nullable = (schema: TSchema) => Type.Optional(Type.Union([schema, Type.Null()]));
const anything = (names: readonly string[]): TProperties =>
  Object.fromEntries(names.map((name) => [name, Type.Optional(Type.Unknown())]));

/** `PATCH /tenants/settings`. Unknown flags are kept: Auth0 has new ones every month. */
export const tenantChangesWire = Type.Object(
  {
    ...Object.fromEntries(Object.entries(plain).map(([name, schema]) => [name, nullable(schema)])),
    ...anything(kept),
    sandbox_version: nullable(Type.String({ minLength: 1, maxLength: 8 })),
    friendly_name: nullable(Type.String({ maxLength: 200 })),
    default_redirection_uri: nullable(emptiable),
    ...Object.fromEntries(lifetimes.map((name) => [`${name}_in_minutes`, minutes])),
    error_page: nullable(
      Type.Object({
        url: nullable(emptiable),
        html: nullable(Type.String({ maxLength: 100_000 })),
        show_log_link: Type.Optional(Type.Boolean()),
      }),
    ),
    flags: Type.Optional(Type.Object(flags.properties, { additionalProperties: Type.Boolean() })),
  },
  { additionalProperties: false },
);

/** What can be said of the tenant, as it was said or as the defaults are. */
export function tenantToWire(settings: TenantSettings): JsonObject {
  const { flags: keptFlags, ...extra } = keptOf(settings, 'settings');
  return {
    friendly_name: settings.friendlyName,
    ...present('support_url', settings.supportUrl),
    ...present('default_audience', settings.defaultAudience),
    ...present('default_redirection_uri', settings.defaultRedirectionUri),
    ...(settings.errorPageUrl === undefined ? {} : { error_page: { url: settings.errorPageUrl } }),
    allowed_logout_urls: settings.allowedLogoutUrls,
    enabled_locales: settings.enabledLocales.length === 0 ? ['en'] : settings.enabledLocales,
    session_lifetime: settings.sessionLifetimeSeconds / 3_600,
    idle_session_lifetime: settings.idleSessionLifetimeSeconds / 3_600,
    resource_parameter_profile: settings.acceptsResourceParameter ? 'compatibility' : 'audience',
    skip_non_verifiable_callback_uri_confirmation_prompt: settings.trustsUnprovenCallbacks,
    sandbox_version: '22',
    ...extra,
    flags: {
      enable_client_connections: false,
      ...(isJsonObject(keptFlags) ? keptFlags : {}),
      skip_login_page_for_single_connection: settings.skipsLoginPageForSingleConnection,
      allow_provider_tokens_in_app_metadata: settings.allowsTokensInAppMetadata,
      enabled_clients_on_connections: settings.hasEnabledClientsOnConnections,
      connection_options_without_scopes: settings.hasConnectionOptionsWithoutScopes,
    },
  };
}

/** Whether a new application may use every connection at once. */
export function enablesNewClients(settings: TenantSettings): boolean {
  const { flags } = keptOf(settings, 'settings');
  return isJsonObject(flags) && flags.enable_client_connections === true;
}

/** Flags are merged by name, null takes a setting back, the rest is replaced. */
export function changedTenant(settings: TenantSettings, changes: JsonObject): TenantSettings {
  const plainly = inHours(changes);
  const known = tenantToWire(settings);
  const merged: Record<string, Json> = {
    ...known,
    ...plainly,
    flags: { ...(known.flags as JsonObject), ...(isJsonObject(plainly.flags) ? plainly.flags : {}) },
  };
  for (const [name, value] of Object.entries(merged)) if (value === null) delete merged[name];
  const { error_page: errorPage, ...rest } = merged;
  const emptied = Object.fromEntries(Object.entries(rest).filter(([, value]) => value === ''));
  const said = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== ''));
  const url =
    isJsonObject(errorPage) && typeof errorPage.url === 'string' && errorPage.url !== '' ? errorPage.url : undefined;
  const wire = { ...said, ...(url === undefined ? {} : { error_page: { url } }) } as TenantWire;
  const shown = [...kept, 'flags', 'error_page', 'picture_url'] as readonly string[];
  return {
    ...tenantFromWire(wire, brandingOf(settings)),
    extra: { ...settings.extra, settings: { ...pick(merged, shown), ...emptied } },
  };
}

function inHours(changes: JsonObject): JsonObject {
  const said = new Map(Object.entries(changes));
  for (const name of lifetimes) {
    const value = said.get(`${name}_in_minutes`);
    said.delete(`${name}_in_minutes`);
    if (typeof value === 'number') said.set(name, value / 60);
  }
  return Object.fromEntries(said);
}

/** `PATCH /branding` */
export const brandingChangesWire = Type.Object(
  {
    ...Object.fromEntries(Object.entries(brandingWire.properties).map(([name, schema]) => [name, nullable(schema)])),
    colors: nullable(
      Type.Object({
        primary: nullable(Type.String({ pattern: '^#(?:[0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})$' })),
        page_background: Type.Optional(Type.Unknown()),
      }),
    ),
    font: Type.Optional(Type.Unknown()),
  },
  { additionalProperties: false, minProperties: 1 },
);

export const brandingToWire = (settings: TenantSettings): JsonObject => ({
  ...(brandingOf(settings) as JsonObject),
  ...keptOf(settings, 'branding'),
});

export function changedBranding(settings: TenantSettings, changes: JsonObject): TenantSettings {
  const merged: Record<string, Json> = { ...brandingToWire(settings), ...changes };
  for (const [name, value] of Object.entries(merged)) if (value === null) delete merged[name];
  const colors = isJsonObject(merged.colors) ? merged.colors : {};
  const { primary, page_background: background } = colors;
  return {
    ...settings,
    logoUrl: textOf(merged.logo_url) ?? textOf(keptOf(settings, 'settings').picture_url),
    faviconUrl: textOf(merged.favicon_url),
    // Auth0 also takes gradients; pages here have one colour, and the gradient is kept for those who read it.
    colors: { primary: textOf(primary), pageBackground: textOf(background) },
    extra: { ...settings.extra, branding: pick(merged, ['logo_url', 'favicon_url', 'colors', 'font']) },
  };
}

/** A logo that stands among the settings is not one of branding's. */
function brandingOf(settings: TenantSettings): BrandingWire {
  const { faviconUrl, colors } = settings;
  const { primary, pageBackground } = colors;
  const logoUrl = settings.logoUrl === keptOf(settings, 'settings').picture_url ? undefined : settings.logoUrl;
  const named = {
    ...(primary === undefined ? {} : { primary }),
    ...(pageBackground === undefined ? {} : { page_background: pageBackground }),
  };
  return {
    ...(logoUrl === undefined ? {} : { logo_url: logoUrl }),
    ...(faviconUrl === undefined ? {} : { favicon_url: faviconUrl }),
    ...(Object.keys(named).length === 0 ? {} : { colors: named }),
  };
}

const keptOf = ({ extra }: TenantSettings, group: 'settings' | 'branding'): JsonObject => {
  const { [group]: values } = extra;
  return isJsonObject(values) ? values : {};
};

const present = (name: string, value: string | undefined): JsonObject => (value === undefined ? {} : { [name]: value });
const textOf = (value: Json | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
const pick = (values: JsonObject, names: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(values).filter(([name]) => names.includes(name)));
