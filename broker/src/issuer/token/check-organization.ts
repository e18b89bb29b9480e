import { OAuthError } from '../../core/errors.ts';
import type { Parameters } from '../../http/parameters.ts';

/** A token without the organization that was asked for would be another token: it is refused, not passed over. */
export function checkOrganization({ values }: Parameters): void {
  const name = ['organization', 'invitation'].find((each) => values[each] !== undefined);
  if (name !== undefined) throw new OAuthError('invalid_request', `Organizations are not supported: ${name}`);
}
