import type { ClientId } from './ids.ts';

/*
 * Every error is of one of these classes, or it is a bug. `code` is stable and documented in docs/errors.md,
 * `message` may be shown, `detail` goes to logs only, `cause` keeps the chain.
 */
type Extra = { detail?: string; cause?: unknown; isRecorded?: boolean };

abstract class PorticoError extends Error {
  abstract readonly code: string;
  readonly detail: string | undefined;
  /** The tenant's log has a line of its own for this. */
  readonly isRecorded: boolean;
  constructor(message: string, extra: Extra = {}) {
    super(message, extra.cause === undefined ? undefined : { cause: extra.cause });
    this.name = new.target.name;
    this.detail = extra.detail;
    this.isRecorded = extra.isRecorded ?? false;
  }
}

export const oauthErrorCodes = [
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'invalid_scope',
  'unauthorized_client',
  'unsupported_grant_type',
  'unsupported_response_type',
  'access_denied',
  'unauthorized',
  'login_required',
  'consent_required',
  'interaction_required',
  'server_error',
  'temporarily_unavailable',
  'request_not_supported',
  'request_uri_not_supported',
  'invalid_request_uri',
  'invalid_dpop_proof',
  'use_dpop_nonce',
  'authorization_pending',
  'slow_down',
  'expired_token',
  'too_many_attempts',
  'too_many_requests',
] as const;
export type OAuthErrorCode = (typeof oauthErrorCodes)[number];

/** An answer of ours as issuer: JSON at an endpoint, or parameters on a proven redirect URI. */
export class OAuthError extends PorticoError {
  readonly code: OAuthErrorCode;
  /** HTTP status where it is answered as JSON or as a page. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The Action whose run failed, where that is why. */
  readonly failedAction: string | undefined;
  constructor(
    code: OAuthErrorCode,
    message: string,
    more: Extra & {
      status?: number;
      headers?: Readonly<Record<string, string>>;
      failedAction?: string;
    } = {},
  ) {
    super(message, more);
    this.code = code;
    this.status = more.status ?? 400;
    this.headers = more.headers ?? {};
    this.failedAction = more.failedAction;
  }
}

/**
 * What a page tells a person: a request that cannot be answered, a transaction that is gone, a callback that is not
 * listed, a connection that is off, a provider's answer that cannot be taken, a sign-in without access, a sign-out, too
 * much to do, our own failure. The texts are in http/words.
 */
export type PageErrorKind =
  | 'request'
  | 'lost'
  | 'callback'
  | 'connection'
  | 'provider'
  | 'refused'
  | 'signOut'
  | 'busy'
  | 'ours';

/**
 * A failure that must not be redirected: the redirect URI is not proven, or the browser's transaction is gone.
 * Shown as a page with status 400; `message` is what its developer's part says.
 */
export class PageError extends PorticoError {
  readonly code: OAuthErrorCode;
  readonly status: number;
  readonly kind: PageErrorKind;
  /** The application to lead back to, where it is known. */
  readonly clientId: ClientId | undefined;
  /** For the log: what could not be proven, the application's request or the browser's transaction. */
  readonly step: 'request' | 'state';
  readonly headers: Readonly<Record<string, string>>;
  constructor(
    code: OAuthErrorCode,
    message: string,
    more: Extra & {
      kind?: PageErrorKind;
      clientId?: ClientId | undefined;
      status?: number;
      step?: 'request' | 'state';
      headers?: Readonly<Record<string, string>>;
    } = {},
  ) {
    super(message, more);
    this.code = code;
    this.kind = more.kind ?? 'request';
    this.clientId = more.clientId;
    this.status = more.status ?? 400;
    this.step = more.step ?? 'request';
    this.headers = more.headers ?? {};
  }
}

/** An answer of the Management API, in Auth0's words; `code` is what it calls `errorCode`. */
export class ApiError extends PorticoError {
  readonly code: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  constructor(
    status: number,
    message: string,
    more: Extra & { code?: string; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message, more);
    this.status = status;
    this.code = more.code ?? '';
    this.headers = more.headers ?? {};
  }
}

export const upstreamSteps = [
  'configuration',
  'state',
  'denied',
  'exchange',
  'id_token',
  'profile',
  'refresh',
] as const;
export type UpstreamStep = (typeof upstreamSteps)[number];

/**
 * The upstream, or the script that speaks to it, failed. Never answered directly: login turns it into an OAuthError.
 * `message` is our own words; what the upstream said is in `detail`, which goes to logs after redaction.
 */
export class UpstreamError extends PorticoError {
  readonly code = 'upstream_error';
  readonly step: UpstreamStep;
  /** Stable reason within the step, such as `timeout`, `status_500`, `no_user_id`, `script_runtime`. */
  readonly reason: string;
  constructor(step: UpstreamStep, reason: string, message: string, extra: Extra = {}) {
    super(message, extra);
    this.step = step;
    this.reason = reason;
  }
}

export const egressReasons = [
  'denied',
  'invalid_url',
  'dns',
  'refused',
  'reset',
  'tls',
  'timeout',
  'too_large',
  'too_many_redirects',
  'bad_encoding',
  'bad_response',
] as const;
export type EgressReason = (typeof egressReasons)[number];

/** An outbound request did not come back with an answer. The same text for every denied address: no oracle. */
export class EgressError extends PorticoError {
  readonly code = 'egress_error';
  readonly reason: EgressReason;
  constructor(reason: EgressReason, message: string, extra: Extra = {}) {
    super(message, extra);
    this.reason = reason;
  }
}

/** `conflict`: a unique key or an expectation did not hold, nothing was written. `unavailable`: try again later. */
export class StoreError extends PorticoError {
  readonly code: 'conflict' | 'unavailable';
  constructor(code: 'conflict' | 'unavailable', message: string, extra: Extra = {}) {
    super(message, extra);
    this.code = code;
  }
}

/** Somebody else was first, or what was expected did not hold; nothing was written. */
export const isConflict = (error: unknown): error is StoreError =>
  error instanceof StoreError && error.code === 'conflict';

/** The configuration or the surroundings do not allow a start. Every problem is listed; exit code 1. */
export class ConfigError extends PorticoError {
  readonly code = 'config_invalid';
  readonly problems: readonly string[];
  constructor(problems: readonly string[], extra: Extra = {}) {
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
    super(`${count} in the configuration:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`, extra);
    this.problems = problems;
  }
}

export function unreachable(value: never): never {
  throw new Error(`unreachable: ${String(value)}`);
}
