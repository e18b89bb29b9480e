import { OAuthError } from '../../core/errors.ts';
import type { Parameters } from '../../http/parameters.ts';

/**
 * Auth0's words for a client without organizations: a token without the one that was asked for would be another token.
 */
export function checkOrganization({ values }: Parameters): void {
  const name = ['organization', 'invitation'].find((each) => values[each] !== undefined);
  if (name !== undefined) throw new OAuthError('invalid_request', `parameter ${name} is not allowed for this client`);
}
