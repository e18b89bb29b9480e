import type { ClientId, HandleHash, Sealed } from './ids.ts';
import type { JsonObject } from './json.ts';

/** Auth0's ready-made integrations. An application that moves here keeps what it is called; it is served like `regular_web`. */
const integrations = [
  'sso_integration',
  'express_configuration',
  'rms',
  'box',
  'cloudbees',
  'concur',
  'dropbox',
  'mscrm',
  'echosign',
  'egnyte',
  'newrelic',
  'office365',
  'salesforce',
  'sentry',
  'sharepoint',
  'slack',
  'springcm',
  'zendesk',
  'zoom',
] as const;
export const appTypes = [
  ...(['spa', 'native', 'regular_web', 'non_interactive', 'resource_server'] as const),
  ...integrations,
] as const;
export type AppType = (typeof appTypes)[number];
export const clientAuthMethods = ['none', 'client_secret_post', 'client_secret_basic', 'private_key_jwt'] as const;
export type ClientAuthMethod = (typeof clientAuthMethods)[number];

/** A public key with which a client signs its assertions (RFC 7523). */
export type ClientCredential = {
  readonly id: string;
  readonly name: string;
  /** The `kid` that assertions name it by. */
  readonly keyId: string;
  readonly algorithm: 'RS256' | 'RS384' | 'PS256';
  readonly publicJwk: JsonObject;
  readonly createdAt: string;
  /** Not there: it was not changed. */
  readonly updatedAt?: string;
  /** ISO time; undefined: never. */
  readonly expiresAt: string | undefined;
  /** It is kept, and proves nothing until it is attached. */
  readonly isDetached?: true;
};

/** What one refresh token may be exchanged for beyond its own audience (Auth0: multi-resource refresh tokens). */
export type RefreshTokenPolicy = { readonly audience: string; readonly scopes: readonly string[] };

export type RefreshTokenSettings = {
  readonly rotation: 'rotating' | 'non-rotating';
  readonly leewaySeconds: number;
  /** undefined: never expires. */
  readonly lifetimeSeconds: number | undefined;
  readonly idleLifetimeSeconds: number | undefined;
  readonly policies: readonly RefreshTokenPolicy[];
};

/** An application that signs people in through us. */
export type Client = {
  readonly id: ClientId;
  readonly name: string;
  readonly description: string | undefined;
  readonly isFirstParty: boolean;
  /** Kept as it was said; every client is served as conformant. */
  readonly isOidcConformant: boolean;
  readonly appType: AppType;
  readonly authMethod: ClientAuthMethod;
  /** Keys for `private_key_jwt`, those that are not in use among them. */
  readonly credentials: readonly ClientCredential[];
  /** Compared at the token endpoint; undefined for public clients. */
  readonly secretHash: HandleHash | undefined;
  /** The management API shows it to those who may see it, and HS256 needs it. */
  readonly sealedSecret: Sealed | undefined;
  readonly callbacks: readonly string[];
  readonly logoutUrls: readonly string[];
  readonly webOrigins: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly grantTypes: readonly string[];
  readonly idTokenLifetimeSeconds: number;
  readonly idTokenAlgorithm: 'RS256' | 'HS256' | 'PS256';
  /** HS256 signs with the bytes that the secret is the base64url of. */
  readonly isSecretEncoded: boolean;
  readonly refreshToken: RefreshTokenSettings;
  readonly logoUrl: string | undefined;
  /**
   * Auth0: whether a third-party client gets errors at its redirect URI before the person has done anything, or a page
   * keeps them (RFC 9700 §4.11.2). undefined: a page.
   */
  readonly redirectionPolicy: 'allow_always' | 'open_redirect_protection' | undefined;
  /** undefined: as the tenant's settings say. */
  readonly trustsUnprovenCallbacks: boolean | undefined;
  /** OpenID Connect Core §4: where a sign-in that did not begin at the application is sent to begin there. */
  readonly initiateLoginUri: string | undefined;
  readonly backchannelLogoutUrls: readonly string[];
  /** RFC 9126 §5: an /authorize request of this client must have been pushed. */
  readonly requiresPushedRequests: boolean;
  /** RFC 9449: access tokens of this client are bound to its key. */
  readonly requiresProofOfPossession: boolean;
  /** Kinds of token exchange that it may use, in Auth0's names, such as `custom_authentication`. */
  readonly tokenExchangeTypes: readonly string[];
  readonly metadata: JsonObject;
  /** What Auth0's tools store beside it and nothing here acts on. */
  readonly extra: JsonObject;
  readonly createdAt: Date;
  readonly updatedAt: Date;
};

/** "This client may ask for these scopes of that audience." */
export type ClientGrant = {
  readonly id: string;
  readonly clientId: ClientId;
  readonly audience: string;
  readonly scopes: readonly string[];
};

/** Which claims an access token carries: Auth0's own, or those of RFC 9068. The `_authz` forms add `permissions`. */
export const tokenDialects = [
  'access_token',
  'access_token_authz',
  'rfc9068_profile',
  'rfc9068_profile_authz',
] as const;
export type TokenDialect = (typeof tokenDialects)[number];

/** An API: an audience and its scopes. */
export type ResourceServer = {
  readonly id: string;
  readonly identifier: string;
  readonly name: string;
  readonly scopes: readonly { readonly value: string; readonly description: string }[];
  readonly tokenLifetimeSeconds: number;
  readonly tokenLifetimeForWebSeconds: number;
  readonly allowsOfflineAccess: boolean;
  readonly isSystem: boolean;
  readonly signingAlgorithm: 'RS256' | 'HS256' | 'PS256';
  /** HS256: what the API verifies with. */
  readonly sealedSigningSecret: Sealed | undefined;
  readonly tokenDialect: TokenDialect;
  /** First-party clients at an address that nobody else can answer at are not asked for consent. */
  readonly skipsConsentForFirstParty: boolean;
  /** What Auth0's tools store beside it and nothing here acts on. */
  readonly extra: JsonObject;
};

export const defaultRefreshTokenSettings: RefreshTokenSettings = {
  rotation: 'non-rotating',
  leewaySeconds: 0,
  lifetimeSeconds: undefined,
  idleLifetimeSeconds: undefined,
  policies: [],
};

/** What a client is unless it says otherwise; also what rows lack that an older version wrote. */
export const clientDefaults = {
  description: undefined,
  isOidcConformant: false,
  credentials: [],
  isSecretEncoded: false,
  redirectionPolicy: undefined,
  trustsUnprovenCallbacks: undefined,
  initiateLoginUri: undefined,
  backchannelLogoutUrls: [],
  requiresPushedRequests: false,
  requiresProofOfPossession: false,
  tokenExchangeTypes: [],
  extra: {},
} as const;

/** As clientDefaults, for APIs. */
export const resourceServerDefaults = {
  signingAlgorithm: 'RS256',
  sealedSigningSecret: undefined,
  tokenDialect: 'access_token',
  skipsConsentForFirstParty: true,
  extra: {},
} as const;
