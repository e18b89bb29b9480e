import type { CustomClaims } from '../core/action.ts';
import type { Metadata } from '../core/device.ts';
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
  readonly sessionMetadata: TextChange;
  readonly refreshTokenMetadata: TextChange;
};

/** What becomes of the texts that are kept with a session or a refresh token. null removes one. */
export type TextChange = { readonly isEmptied: boolean; readonly texts: Readonly<Record<string, string | null>> };

export const noTextChange: TextChange = { isEmptied: false, texts: {} };

export const noChanges = (scopes: readonly string[]): Changes => ({
  claims: { idToken: {}, accessToken: {} },
  scopes,
  userMetadata: {},
  appMetadata: {},
  transactionMetadata: {},
  sessionMetadata: noTextChange,
  refreshTokenMetadata: noTextChange,
});

export const hasClaims = ({ claims }: Changes): boolean =>
  Object.keys(claims.idToken).length > 0 || Object.keys(claims.accessToken).length > 0;

export const hasMetadata = ({ userMetadata, appMetadata }: Pick<Changes, 'userMetadata' | 'appMetadata'>): boolean =>
  Object.keys(userMetadata).length > 0 || Object.keys(appMetadata).length > 0;

/** The metadata as later scripts see it. */
export const mergeMetadata = (stored: JsonObject, change: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries({ ...stored, ...change }).filter(([, value]) => value !== null));

export const hasTexts = ({ isEmptied, texts }: TextChange): boolean => isEmptied || Object.keys(texts).length > 0;

/** Auth0: so many are kept; here the first ones. */
const maxTexts = 25;

/** The texts as later scripts see them, and as they are kept. */
export function changeTexts(stored: Metadata, { isEmptied, texts }: TextChange): Metadata {
  const changed = Object.entries({ ...(isEmptied ? {} : stored), ...texts });
  return Object.fromEntries(changed.flatMap(([key, text]) => (text === null ? [] : [[key, text]])).slice(0, maxTexts));
}
