import { OAuthError } from '../../core/errors.ts';

/** Auth0's words for a grant type that the client is not registered for, and for those that nobody can be. */
export const grantNotAllowed = (grantType: string): OAuthError =>
  new OAuthError('unauthorized_client', `Grant type '${grantType}' not allowed for the client.`, { status: 403 });
