// biome-ignore-all lint/suspicious/noExplicitAny: what a provider or an administrator put there, read as in JavaScript.

/*
 * Types for scripts in TypeScript: `import type { FetchUserProfile } from 'portico/types'`. The import is taken out when the
 * script is saved; with it come the globals of a script.
 */

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/* Profile scripts */

/** Root attributes under their OpenID names, and whatever else the provider gave. */
export type Profile = {
  /** Exact and stable; `id` and `sub` are taken where it is missing. */
  user_id?: string | number;
  id?: string | number;
  sub?: string | number;
  email?: string;
  email_verified?: boolean;
  name?: string;
  given_name?: string;
  family_name?: string;
  nickname?: string;
  picture?: string;
  user_metadata?: Record<string, unknown>;
  app_metadata?: Record<string, unknown>;
  [attribute: string]: unknown;
};

/** The parsed answer of the token endpoint without the refresh token, and options of the connection without secrets. */
export type ProfileContext = {
  options: { client_id?: string; scope?: string | string[]; userInfoURL?: string; issuer?: string };
  access_token: string;
  id_token?: string;
  token_type?: string;
  scope?: string;
  // Whatever the provider adds to its answer.
  [member: string]: any;
};

export type ProfileCallback = (error?: Error | string | object | null, profile?: Profile) => void;

export type FetchUserProfile = (accessToken: string, ctx: ProfileContext, callback: ProfileCallback) => unknown;

/* `request`, as the library of that name */

export type RequestOptions = {
  url?: string | URL;
  uri?: string | URL;
  baseUrl?: string;
  method?: string;
  headers?: Record<string, string | number | undefined>;
  qs?: Record<string, unknown>;
  form?: Record<string, unknown> | string;
  body?: unknown;
  json?: unknown;
  auth?: { user?: string; username?: string; pass?: string; password?: string; bearer?: string };
  encoding?: string | null;
  gzip?: boolean;
  followRedirect?: boolean;
  followAllRedirects?: boolean;
  maxRedirects?: number;
  timeout?: number;
  formData?: Record<string, unknown>;
  multipart?: RequestPart[] | { data: RequestPart[] };
  jar?: boolean | CookieJar;
  oauth?: RequestSignature;
  useQuerystring?: boolean;
  time?: boolean;
  [option: string]: unknown;
};

/** Its other members are headers. */
export type RequestPart = { body: string | Uint8Array; [header: string]: unknown };

/** OAuth 1.0a. */
export type RequestSignature = {
  consumer_key?: string;
  consumer_secret?: string;
  token?: string;
  token_secret?: string;
  callback?: string;
  verifier?: string;
  signature_method?: 'HMAC-SHA1' | 'HMAC-SHA256' | 'RSA-SHA1' | 'PLAINTEXT';
  transport_method?: 'header' | 'query' | 'body';
  private_key?: string;
  realm?: string;
  body_hash?: boolean | string;
  [parameter: string]: unknown;
};

export type Cookie = { key: string; value: string; toString(): string };

export type CookieJar = {
  setCookie(cookie: Cookie | string, url: string): Cookie | undefined;
  getCookies(url: string): Cookie[];
  getCookieString(url: string): string;
};

/** What a call returns: the request leaves when the script has done what it does now. */
export type PendingRequest = {
  form(): { append(name: string, value: unknown, file?: { filename?: string; contentType?: string }): unknown };
  form(fields: Record<string, unknown> | string): PendingRequest;
  auth(user: string | null, pass?: string | null, sendImmediately?: boolean, bearer?: string): PendingRequest;
  qs(query: Record<string, unknown>): PendingRequest;
  json(value: unknown): PendingRequest;
  jar(jar: boolean | CookieJar): PendingRequest;
  oauth(signature: RequestSignature): PendingRequest;
  multipart(parts: RequestPart[]): PendingRequest;
  setHeader(name: string, value: string | number): PendingRequest;
  on(event: string, handler: (...args: any[]) => void): PendingRequest;
  once(event: string, handler: (...args: any[]) => void): PendingRequest;
  abort(): void;
};

export type RequestResponse = {
  statusCode: number;
  statusMessage: string;
  headers: Record<string, any>;
  body: any;
};

// With `json: true` the body is what the provider sent, parsed; otherwise text.
export type RequestCallback = (error: any, response: RequestResponse, body: any) => void;

export type RequestCall = {
  (options: RequestOptions | string, callback?: RequestCallback): PendingRequest;
  (url: string, options: RequestOptions, callback?: RequestCallback): PendingRequest;
};

export type Request = RequestCall & {
  get: RequestCall;
  post: RequestCall;
  put: RequestCall;
  patch: RequestCall;
  delete: RequestCall;
  del: RequestCall;
  head: RequestCall;
  options: RequestCall;
  defaults(options: RequestOptions): Request;
  jar(): CookieJar;
  cookie(text: string): Cookie;
};

/* Actions */

export type EventUser = {
  user_id: string;
  created_at: string;
  updated_at: string;
  email?: string;
  email_verified: boolean;
  name?: string;
  nickname?: string;
  picture?: string;
  user_metadata: Record<string, any>;
  app_metadata: Record<string, any>;
  identities: Record<string, any>[];
  [attribute: string]: any;
};

export type EventRequest = {
  ip?: string;
  method: string;
  hostname?: string;
  user_agent?: string;
  language?: string;
  query: Record<string, string>;
  body: Record<string, string>;
  geoip: Record<string, any>;
};

export type EventClient = { client_id: string; name: string; metadata: Record<string, string> };

type AnyEvent = { client: EventClient; request: EventRequest; tenant: { id: string }; secrets: Record<string, string> };

export type PostLoginEvent = AnyEvent & {
  user: EventUser;
  connection: { id: string; name: string; strategy: string; metadata: Record<string, any> };
  transaction: {
    id: string;
    protocol: string;
    redirect_uri?: string;
    requested_scopes: string[];
    response_mode?: string;
    response_type?: string[];
    state?: string;
    prompt?: string[];
    login_hint?: string;
    ui_locales?: string[];
    acr_values?: string[];
    metadata: Record<string, any>;
  };
  authentication: { methods: { name: string; timestamp: string }[] };
  stats: { logins_count: number };
  resource_server?: { identifier: string };
  session: Record<string, any>;
  refresh_token?: Record<string, any>;
};

export type CredentialsExchangeEvent = AnyEvent & {
  resource_server: { identifier: string };
  transaction: { requested_scopes: string[]; metadata: Record<string, any> };
  accessToken: { scope: string[]; customClaims: Record<string, any> };
};

export type CustomTokenExchangeEvent = AnyEvent & {
  resource_server?: { identifier: string };
  transaction: { subject_token: string; subject_token_type: string; requested_scopes: string[] };
};

type CacheRecord = { value: string };
type CacheResult = { type: 'success'; record?: CacheRecord } | { type: 'error'; code: string; message: string };

export type ActionCache = {
  get(key: string): CacheRecord | undefined;
  set(key: string, value: string, options?: { expires_at?: number; ttl?: number }): CacheResult;
  delete(key: string): CacheResult;
};

/** At most 25 texts; names and values of at most 255 characters. */
type KeptTexts = {
  setMetadata(name: string, value: string): PostLoginApi;
  deleteMetadata(name: string): PostLoginApi;
  evictMetadata(): PostLoginApi;
};

/** Setters can be chained. */
export type PostLoginApi = {
  access: { deny(reason: string): PostLoginApi };
  idToken: { setCustomClaim(name: string, value: unknown): PostLoginApi };
  accessToken: {
    setCustomClaim(name: string, value: unknown): PostLoginApi;
    addScope(scope: string): PostLoginApi;
    removeScope(scope: string): PostLoginApi;
  };
  user: {
    setAppMetadata(name: string, value: unknown): PostLoginApi;
    setUserMetadata(name: string, value: unknown): PostLoginApi;
  };
  redirect: {
    sendUserTo(url: string, options?: { query?: Record<string, string> }): PostLoginApi;
    canRedirect(): boolean;
    encodeToken(options: { secret: string; payload: object; expiresInSeconds?: number }): string;
    validateToken(options: { secret: string; tokenParameterName?: string }): Record<string, any>;
  };
  transaction: { setMetadata(name: string, value: unknown): PostLoginApi };
  session: KeptTexts;
  refreshToken: KeptTexts;
  cache: ActionCache;
  rules: { wasExecuted(id: string): boolean };
};

export type CredentialsExchangeApi = {
  access: { deny(code: string, reason?: string): CredentialsExchangeApi };
  accessToken: { setCustomClaim(name: string, value: unknown): CredentialsExchangeApi };
  cache: ActionCache;
};

/** Exactly one user must be set, unless the exchange is denied. */
export type CustomTokenExchangeApi = {
  access: {
    deny(code: string, reason: string): CustomTokenExchangeApi;
    rejectInvalidSubjectToken(reason: string): CustomTokenExchangeApi;
  };
  authentication: {
    setUserById(userId: string): CustomTokenExchangeApi;
    setUserByConnection(
      connection: string,
      attributes: { user_id: string; [attribute: string]: unknown },
      options?: { creationBehavior?: 'create_if_not_exists' | 'none'; updateBehavior?: 'replace' | 'none' },
    ): CustomTokenExchangeApi;
  };
  user: {
    setAppMetadata(name: string, value: unknown): CustomTokenExchangeApi;
    setUserMetadata(name: string, value: unknown): CustomTokenExchangeApi;
  };
  cache: ActionCache;
};

export type OnExecutePostLogin = (event: PostLoginEvent, api: PostLoginApi) => unknown;
export type OnExecuteCredentialsExchange = (event: CredentialsExchangeEvent, api: CredentialsExchangeApi) => unknown;
export type OnExecuteCustomTokenExchange = (event: CustomTokenExchangeEvent, api: CustomTokenExchangeApi) => unknown;

/* What stands in the world of every script. */
declare global {
  const request: Request;
  /** Settings of the tenant that Rules and profile scripts read. */
  const configuration: Readonly<Record<string, string>>;
  /** `exports.onExecutePostLogin` and its like. As in @types/node, so that both can be there. */
  var exports: any;
  class UnauthorizedError extends Error {
    constructor(message?: string);
  }
}
