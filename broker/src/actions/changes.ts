import type { CustomClaims } from '../core/action.ts';
import type { JsonObject } from '../core/json.ts';

/** What scripts have asked for so far, in order; nothing of it has happened yet. Plain JSON, so that a redirect can wait. */
export type Changes = {
  readonly claims: CustomClaims;
  /** The scopes of the tokens. */
  readonly scopes: readonly string[];
  /** null removes a key. */
  readonly userMetadata: JsonObject;
  readonly appMetadata: JsonObject;
  readonly transactionMetadata: JsonObject;
};

export const noChanges = (scopes: readonly string[]): Changes => ({
  claims: { idToken: {}, accessToken: {} },
  scopes,
  userMetadata: {},
  appMetadata: {},
  transactionMetadata: {},
});

export const hasClaims = ({ claims }: Changes): boolean =>
  Object.keys(claims.idToken).length > 0 || Object.keys(claims.accessToken).length > 0;

export const hasMetadata = ({ userMetadata, appMetadata }: Pick<Changes, 'userMetadata' | 'appMetadata'>): boolean =>
  Object.keys(userMetadata).length > 0 || Object.keys(appMetadata).length > 0;

/** The metadata as later scripts see it. */
export const mergeMetadata = (stored: JsonObject, change: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries({ ...stored, ...change }).filter(([, value]) => value !== null));
