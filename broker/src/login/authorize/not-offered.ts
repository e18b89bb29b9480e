import { OAuthError } from '../../core/errors.ts';

const multifactor = 'http://schemas.openid.net/pape/policies/2007/06/multi-factor';

/** What Auth0 has and Portico does not. An application that relies on it must learn so, not go on without it. */
export function checkNotOffered(
  { organization, invitation, acr_values: acrValues }: Readonly<Record<string, string>>,
  prompts: ReadonlySet<string>,
): void {
  // Auth0's words for a client without organizations.
  if (organization !== undefined) throw notAllowed('organization');
  if (invitation !== undefined) throw notAllowed('invitation');
  if (!acrValues?.split(' ').includes(multifactor)) return;
  if (prompts.has('none')) throw new OAuthError('interaction_required', 'Multifactor authentication required');
  throw new OAuthError('invalid_request', 'Multifactor authentication is not available');
}

const notAllowed = (name: string): OAuthError =>
  new OAuthError('invalid_request', `parameter ${name} is not allowed for this client`);
