import type { ActionId } from './ids.ts';

/** A custom token exchange: which Action decides about subject tokens of a type. */
export type TokenExchangeProfile = {
  readonly id: string;
  readonly name: string;
  readonly subjectTokenType: string;
  readonly actionId: ActionId;
  readonly createdAt: Date;
  readonly updatedAt: Date;
};

export const tokenExchangeGrantType = 'urn:ietf:params:oauth:grant-type:token-exchange';

/** Auth0: names that are not the tenant's own. A token of ours is never a subject token by itself. */
const reserved = [
  'http://auth0.com',
  'https://auth0.com',
  'http://okta.com',
  'https://okta.com',
  'urn:ietf',
  'urn:auth0',
  'urn:okta',
];

/** What keeps a text from being a type of subject token, as half a sentence; undefined: nothing. */
export function problemOfSubjectTokenType(type: string): string | undefined {
  if (!/^(?:https?:\/\/|urn:)[^\s]+$/i.test(type) || !URL.canParse(type)) return 'is not an http(s) address or a urn';
  const lower = type.toLowerCase();
  return reserved.some((prefix) => lower.startsWith(prefix)) ? 'is in a reserved namespace' : undefined;
}
