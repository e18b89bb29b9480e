import type { Connection } from '../core/connection.ts';
import type { JsonObject } from '../core/json.ts';
import type { Tokenset } from '../core/tokenset.ts';
import type { Trace } from '../core/trace.ts';
import type { Profile } from '../core/user.ts';

/*
 * upstream/: we as OAuth client. Authorization URL, code exchange, ID token, profile, the way to sign out.
 *
 * Throws UpstreamError with the step that failed; what the upstream said goes to `detail`, never to a message.
 */

export type UpstreamAuthorization = {
  readonly state: string;
  readonly nonce: string;
  /** The PKCE verifier of this transaction; used if the connection says `pkce_enabled`. */
  readonly verifier: string;
  /** `<issuer>login/callback`. */
  readonly redirectUri: string;
  /** The /authorize parameters as they came (first value each), for authParamsMap, upstream_params and login_hint. */
  readonly parameters: Readonly<Record<string, string>>;
};

export type CodeExchange = {
  readonly code: string;
  /** undefined: the authorization request carried no challenge. */
  readonly verifier: string | undefined;
  readonly redirectUri: string;
  /** Compared with an ID token's nonce where the request carried one. */
  readonly nonce: string | undefined;
};

export type UpstreamLogout = {
  /** The application that asked, if it said so. */
  readonly clientId: string | undefined;
  /** Where the upstream sends the browser afterwards: an address of ours. */
  readonly returnTo: string;
};

/** What the token endpoint gave: the tokenset, all fields as parsed, and the verified ID token's claims. */
export type TokenAnswer = {
  readonly tokenset: Tokenset;
  /** Everything the token endpoint answered; integers beyond 2^53 as strings. */
  readonly raw: JsonObject;
  /** undefined: there was no ID token, or nothing to verify it with. */
  readonly idTokenClaims: JsonObject | undefined;
};

/** Where the browser goes, and what the transaction must remember of it. */
export type UpstreamDeparture = {
  readonly url: string;
  readonly sendsChallenge: boolean;
  readonly sendsNonce: boolean;
};

export type Upstream = {
  /** A promise only where the connection has a script for it. UpstreamError('configuration') if it cannot be made. */
  authorizationUrl(
    connection: Connection,
    authorization: UpstreamAuthorization,
    trace: Trace,
  ): UpstreamDeparture | Promise<UpstreamDeparture>;
  exchangeCode(connection: Connection, exchange: CodeExchange, trace: Trace): Promise<TokenAnswer>;
  fetchProfile(connection: Connection, answer: TokenAnswer, trace: Trace): Promise<Profile>;
  /** Where the browser goes to sign out upstream. undefined: the connection has no such place. */
  logoutUrl(connection: Connection, logout: UpstreamLogout, trace: Trace): Promise<string | undefined>;
};
