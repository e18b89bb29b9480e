/*
 * The shape of outbound requests. guarded-fetch.ts keeps the promises; every room that speaks to the outside is given
 * a GuardedFetch and has no other way out.
 */

export type OutboundRequest = {
  readonly url: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD' | 'OPTIONS';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Total: connect, headers and body together. */
  readonly timeoutMs: number;
  /** Of the decoded body. */
  readonly maxBytes: number;
  /** Redirects followed; 0 answers the redirect itself. Every hop is checked; credentials do not cross origins. */
  readonly maxRedirects?: number;
  readonly signal?: AbortSignal;
};

export type OutboundResponse = {
  readonly status: number;
  /** Lower-case names; values that came more than once are joined with a comma, but for set-cookie. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Buffer;
  /** Where the answer came from, after redirects. */
  readonly url: string;
};

/** Throws EgressError, and nothing else, when no answer came. */
export type GuardedFetch = (request: OutboundRequest) => Promise<OutboundResponse>;
