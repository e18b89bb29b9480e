import type { ClientName } from './clients.ts';

/*
 * A request before it is sent: parameters in order, and how they are written down. Values that only a running server
 * can give (codes, refresh tokens) are functions of what it gave.
 */

export type Handles = {
  readonly code: string;
  readonly refreshToken: string;
  readonly deviceCode: string;
  readonly requestUri: string;
  /** To the letter, as discovery has it. */
  readonly issuer: string;
  /** Without a slash at the end. */
  readonly url: string;
  /** For DPoP proofs. */
  readonly nonce: string;
};
export type Value = string | ((handles: Handles) => string);
export type Pair = { readonly name: string; readonly value: Value };

/** How names and values become text; all but `json` mean the same to a form parser. */
export type Encoding = 'form' | 'percent-20' | 'lower-case escapes' | 'every byte' | 'escaped names' | 'json';

/** What happens before the request is sent, so that there is something to redeem. */
export type Preparation = {
  readonly client: Exclude<ClientName, 'machine'>;
  readonly gives: 'code' | 'refresh token' | 'device code' | 'pushed request';
  readonly hasChallenge: boolean;
  readonly namesRedirectUri: boolean;
  /** Done with it once already. */
  readonly before?: 'redeemed' | 'tried with a wrong verifier' | 'refreshed' | 'revoked' | 'used' | undefined;
  /** What the person said to the device; undefined: nothing yet. */
  readonly decision?: 'allowed' | 'denied' | undefined;
  /** The tokens are bound to the key of the proofs. */
  readonly isBound?: boolean;
};

export const endpoints = ['authorize', 'token', 'par', 'revoke', 'device'] as const;
export type Endpoint = (typeof endpoints)[number];

export type Draft = {
  readonly endpoint: Endpoint;
  readonly title: string;
  readonly method: 'GET' | 'POST';
  readonly pairs: readonly Pair[];
  readonly encoding: Encoding;
  /** Written after the parameters as it is: broken escapes, empty pairs. */
  readonly tail: string;
  /** In the address of a POST, where no parameter belongs. */
  readonly query: string;
  readonly contentType: string | undefined;
  readonly authorization: string | undefined;
  /** A DPoP proof for this path. */
  readonly proof: ((handles: Handles, path: string) => string) | undefined;
  readonly isSignedIn: boolean;
  readonly preparation: Preparation | undefined;
};

/** What comes back of a request that a preparation has pushed. */
export const pushedState = 'state-pushed';

export const getDraft = (pairs: Readonly<Record<string, Value>>, title: string): Draft => ({
  endpoint: 'authorize',
  title,
  method: 'GET',
  pairs: Object.entries(pairs).map(([name, value]) => ({ name, value })),
  encoding: 'form',
  tail: '',
  query: '',
  contentType: undefined,
  authorization: undefined,
  proof: undefined,
  isSignedIn: true,
  preparation: undefined,
});

export const postDraft = (pairs: Readonly<Record<string, Value>>, title: string): Draft => ({
  ...getDraft(pairs, title),
  endpoint: 'token',
  method: 'POST',
  contentType: 'application/x-www-form-urlencoded',
});

export const has = (draft: Draft, name: string): boolean => draft.pairs.some((pair) => pair.name === name);

export const remove = (draft: Draft, name: string): Draft => ({
  ...draft,
  pairs: draft.pairs.filter((pair) => pair.name !== name),
});

export const append = (draft: Draft, name: string, value: Value): Draft => ({
  ...draft,
  pairs: [...draft.pairs, { name, value }],
});

/** Changes the value where it stands; adds it where it is not there. */
export const set = (draft: Draft, name: string, value: Value): Draft =>
  has(draft, name)
    ? { ...draft, pairs: draft.pairs.map((pair) => (pair.name === name ? { name, value } : pair)) }
    : append(draft, name, value);

export const change = (draft: Draft, name: string, by: (text: string) => string): Draft => ({
  ...draft,
  pairs: draft.pairs.map((pair) => (pair.name === name ? { name, value: then(pair.value, by) } : pair)),
});

const then = (value: Value, by: (text: string) => string): Value =>
  typeof value === 'string' ? by(value) : (handles) => by(value(handles));
