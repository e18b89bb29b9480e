/** The scopes that are ours and not an API's. `user_metadata` is an addition: the guide's single-page code reads it. */
export const ownScopes: ReadonlySet<string> = new Set([
  'openid',
  'profile',
  'email',
  'offline_access',
  'user_metadata',
]);

/**
 * What a person may ask of the Management API through a first-party application: things of one's own record. Every other
 * scope of that API is for applications with a client grant.
 */
export const currentUserScopes: ReadonlySet<string> = new Set([
  'read:current_user',
  'update:current_user_metadata',
  'create:current_user_metadata',
  'update:current_user_identities',
  'delete:current_user',
  'delete:current_user_device_credentials',
]);

/** Space separated, as RFC 6749 §3.3; duplicates dropped, order kept. */
export const parseScopes = (text: string | undefined): readonly string[] =>
  text === undefined ? [] : [...new Set(text.split(/[\s]+/).filter((scope) => scope !== ''))];
