import { type Static, Type } from '@sinclair/typebox';
import { defaultTenantSettings, type TenantSettings } from '../../core/tenant.ts';
import type { BrandingWire } from './branding.ts';

/** Where a browser is sent. */
const webAddress = Type.String({ maxLength: 2048, pattern: '^https?://[^\\s\\\\]+$' });

/** Tenant settings as Auth0's Management API writes them; lifetimes there are in hours. `flags` beyond Auth0's are ours. */
export const tenantWire = Type.Object({
  friendly_name: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  picture_url: Type.Optional(Type.String({ maxLength: 2048 })),
  support_url: Type.Optional(Type.String({ maxLength: 2048 })),
  enabled_locales: Type.Optional(Type.Array(Type.String({ minLength: 2, maxLength: 35 }), { maxItems: 100 })),
  error_page: Type.Optional(Type.Object({ url: Type.Optional(webAddress) })),
  default_redirection_uri: Type.Optional(webAddress),
  resource_parameter_profile: Type.Optional(Type.Union([Type.Literal('audience'), Type.Literal('compatibility')])),
  skip_non_verifiable_callback_uri_confirmation_prompt: Type.Optional(Type.Boolean()),
  default_audience: Type.Optional(Type.String({ maxLength: 600 })),
  allowed_logout_urls: Type.Optional(Type.Array(Type.String({ maxLength: 2048 }), { maxItems: 100 })),
  session_lifetime: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 720 })),
  idle_session_lifetime: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 720 })),
  flags: Type.Optional(
    Type.Object({
      skip_login_page_for_single_connection: Type.Optional(Type.Boolean()),
      allow_provider_tokens_in_app_metadata: Type.Optional(Type.Boolean()),
      enabled_clients_on_connections: Type.Optional(Type.Boolean()),
      connection_options_without_scopes: Type.Optional(Type.Boolean()),
    }),
  ),
});
export type TenantWire = Static<typeof tenantWire>;

const hourSeconds = 3_600;

/** Auth0 keeps the looks apart from the settings; here they are one. */
export function tenantFromWire(wire: TenantWire, branding: BrandingWire = {}): TenantSettings {
  const defaults = defaultTenantSettings;
  const seconds = (hours: number | undefined, otherwise: number) =>
    hours === undefined ? otherwise : Math.round(hours * hourSeconds);
  return {
    ...defaults,
    friendlyName: wire.friendly_name ?? defaults.friendlyName,
    logoUrl: branding.logo_url ?? wire.picture_url,
    faviconUrl: branding.favicon_url,
    colors: { primary: branding.colors?.primary, pageBackground: branding.colors?.page_background },
    supportUrl: wire.support_url,
    enabledLocales: wire.enabled_locales ?? [],
    errorPageUrl: wire.error_page?.url,
    defaultRedirectionUri: wire.default_redirection_uri,
    acceptsResourceParameter: wire.resource_parameter_profile === 'compatibility',
    trustsUnprovenCallbacks:
      wire.skip_non_verifiable_callback_uri_confirmation_prompt ?? defaults.trustsUnprovenCallbacks,
    defaultAudience: wire.default_audience,
    allowedLogoutUrls: wire.allowed_logout_urls ?? [],
    sessionLifetimeSeconds: seconds(wire.session_lifetime, defaults.sessionLifetimeSeconds),
    idleSessionLifetimeSeconds: seconds(wire.idle_session_lifetime, defaults.idleSessionLifetimeSeconds),
    skipsLoginPageForSingleConnection: wire.flags?.skip_login_page_for_single_connection ?? true,
    allowsTokensInAppMetadata: wire.flags?.allow_provider_tokens_in_app_metadata ?? false,
    hasEnabledClientsOnConnections: wire.flags?.enabled_clients_on_connections ?? true,
    hasConnectionOptionsWithoutScopes: wire.flags?.connection_options_without_scopes ?? true,
  };
}
