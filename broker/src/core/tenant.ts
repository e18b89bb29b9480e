import type { JsonObject } from './json.ts';

/** The whole installation's settings. One row. */
export type TenantSettings = {
  readonly friendlyName: string;
  readonly logoUrl: string | undefined;
  readonly supportUrl: string | undefined;
  /** CSS hex colours; undefined: Portico's own. */
  readonly colors: { readonly primary: string | undefined; readonly pageBackground: string | undefined };
  readonly faviconUrl: string | undefined;
  /** BCP 47 tags that pages may be shown in; the first is the fallback. Empty: every language there is. */
  readonly enabledLocales: readonly string[];
  /** An operator's own error page, which gets the error in its query. */
  readonly errorPageUrl: string | undefined;
  /** Where a sign-in goes that has lost its application. */
  readonly defaultRedirectionUri: string | undefined;
  readonly defaultAudience: string | undefined;
  /** RFC 8707's `resource` names an API where `audience` does not. */
  readonly acceptsResourceParameter: boolean;
  /**
   * Whether first-party applications at an address that anybody's program can answer at (loopback, a scheme of its own)
   * sign in without asking the person.
   */
  readonly trustsUnprovenCallbacks: boolean;
  readonly allowedLogoutUrls: readonly string[];
  /** Seconds; Auth0's defaults are 3 days idle and 7 days in all. */
  readonly idleSessionLifetimeSeconds: number;
  readonly sessionLifetimeSeconds: number;
  /** One enabled connection needs no page with one button. */
  readonly skipsLoginPageForSingleConnection: boolean;
  /** A provider token that a script puts into app_metadata stays there; otherwise it is taken out. */
  readonly allowsTokensInAppMetadata: boolean;
  /** Connections show and take `enabled_clients`, as before Auth0 moved them to endpoints of their own. */
  readonly hasEnabledClientsOnConnections: boolean;
  /** `options` of connections are read and changed without the scopes that Auth0 made for them later. */
  readonly hasConnectionOptionsWithoutScopes: boolean;
  readonly extra: JsonObject;
};

export const defaultTenantSettings: TenantSettings = {
  friendlyName: 'Portico',
  logoUrl: undefined,
  supportUrl: undefined,
  colors: { primary: undefined, pageBackground: undefined },
  faviconUrl: undefined,
  enabledLocales: [],
  errorPageUrl: undefined,
  defaultRedirectionUri: undefined,
  defaultAudience: undefined,
  acceptsResourceParameter: false,
  trustsUnprovenCallbacks: true,
  allowedLogoutUrls: [],
  idleSessionLifetimeSeconds: 259_200,
  sessionLifetimeSeconds: 604_800,
  skipsLoginPageForSingleConnection: true,
  allowsTokensInAppMetadata: false,
  hasEnabledClientsOnConnections: true,
  hasConnectionOptionsWithoutScopes: true,
  extra: {},
};
