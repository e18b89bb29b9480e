/** The scopes that are ours and not an API's. `user_metadata` is an addition: the guide's single-page code reads it. */
export const ownScopes: ReadonlySet<string> = new Set([
  'openid',
  'profile',
  'email',
  'offline_access',
  'user_metadata',
]);

/** Space separated, as RFC 6749 §3.3; duplicates dropped, order kept. */
export const parseScopes = (text: string | undefined): readonly string[] =>
  text === undefined ? [] : [...new Set(text.split(/[\s]+/).filter((scope) => scope !== ''))];
