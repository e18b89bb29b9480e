import type { ClientId, HandleHash, Sealed } from './ids.ts';
import type { JsonObject } from './json.ts';

export const appTypes = ['spa', 'native', 'regular_web', 'non_interactive', 'resource_server'] as const;
export type AppType = (typeof appTypes)[number];
export const clientAuthMethods = ['none', 'client_secret_post', 'client_secret_basic'] as const;
export type ClientAuthMethod = (typeof clientAuthMethods)[number];

export type RefreshTokenSettings = {
  readonly rotation: 'rotating' | 'non-rotating';
  readonly leewaySeconds: number;
  /** undefined: never expires. */
  readonly lifetimeSeconds: number | undefined;
  readonly idleLifetimeSeconds: number | undefined;
};

/** An application that signs people in through us. */
export type Client = {
  readonly id: ClientId;
  readonly name: string;
  readonly isFirstParty: boolean;
  readonly appType: AppType;
  readonly authMethod: ClientAuthMethod;
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
  readonly idTokenAlgorithm: 'RS256' | 'HS256';
  readonly refreshToken: RefreshTokenSettings;
  readonly logoUrl: string | undefined;
  readonly metadata: JsonObject;
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
};

export const defaultRefreshTokenSettings: RefreshTokenSettings = {
  rotation: 'non-rotating',
  leewaySeconds: 0,
  lifetimeSeconds: undefined,
  idleLifetimeSeconds: undefined,
};
