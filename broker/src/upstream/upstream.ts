import type { Connection } from '../core/connection.ts';
import type { JsonObject } from '../core/json.ts';
import type { Tokenset } from '../core/tokenset.ts';
import type { Trace } from '../core/trace.ts';
import type { Profile } from '../core/user.ts';

/*
 * upstream/: we as OAuth client. Authorization URL, code exchange, ID token, profile.
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

/** What the token endpoint gave: the tokenset, all fields as parsed, and the verified ID token's claims. */
export type TokenAnswer = {
  readonly tokenset: Tokenset;
  /** Everything the token endpoint answered; integers beyond 2^53 as strings. */
  readonly raw: JsonObject;
  /** undefined: there was no ID token, or nothing to verify it with. */
  readonly idTokenClaims: JsonObject | undefined;
};

export type Upstream = {
  /** `sendsNonce`/`sendsChallenge` tell what the transaction must remember. Pure; throws UpstreamError('configuration'). */
  authorizationUrl(
    connection: Connection,
    authorization: UpstreamAuthorization,
  ): {
    readonly url: string;
    readonly sendsChallenge: boolean;
    readonly sendsNonce: boolean;
  };
  exchangeCode(connection: Connection, exchange: CodeExchange, trace: Trace): Promise<TokenAnswer>;
  fetchProfile(connection: Connection, answer: TokenAnswer, trace: Trace): Promise<Profile>;
};
