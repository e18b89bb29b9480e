import { OAuthError } from '../../core/errors.ts';

/** One answer for every token that is not good, in Auth0's words; `detail` is for the log. */
export const invalidRefreshToken = (detail: string, more: { readonly isRecorded?: boolean } = {}): OAuthError =>
  new OAuthError('invalid_grant', 'Unknown or invalid refresh token.', {
    status: 403,
    detail: `refresh token: ${detail}`,
    ...more,
  });
