import { isProvenCallback } from '../../core/callback-url.ts';
import type { UserGrant } from '../../core/user-grant.ts';
import type { Snapshot } from '../../tenant/directory.ts';
import { isActivation } from '../activate/activation.ts';
import type { AuthorizeRequest } from '../authorize/request.ts';

/** `confirmsAlways`: what was allowed before does not make a sign-in silent, since any program could be asking. */
export type ConsentRule = { readonly confirmsAlways: boolean };

type Asked = { readonly tenant: Snapshot; readonly verified: AuthorizeRequest; readonly redirectUri: string };

/** undefined: this request needs nobody's consent, and nothing is looked up for it. */
export function consentRuleFor({ tenant, verified, redirectUri }: Asked): ConsentRule | undefined {
  const { client, resourceServer, parameters } = verified;
  const isTrusted = client.trustsUnprovenCallbacks ?? tenant.settings.trustsUnprovenCallbacks;
  // Whoever connects a device has compared its code.
  const isProven = isTrusted || isActivation(parameters) || isProvenCallback(redirectUri);
  if (!isProven) return { confirmsAlways: true };
  if (!client.isFirstParty) return { confirmsAlways: false };
  return resourceServer?.skipsConsentForFirstParty === false ? { confirmsAlways: false } : undefined;
}

/** What a person has to be asked before the sign-in goes on. */
export type Question = 'consent' | 'confirmation';

/** undefined: nothing. A silent request cannot be confirmed; what was allowed is enough for it. */
export function questionFor(
  { confirmsAlways }: ConsentRule,
  { prompts, scopes }: AuthorizeRequest,
  allowed: UserGrant | undefined,
): Question | undefined {
  const isAllowed = allowed !== undefined && scopes.every((scope) => allowed.scopes.includes(scope));
  if (!isAllowed || prompts.has('consent')) return 'consent';
  return confirmsAlways && !prompts.has('none') ? 'confirmation' : undefined;
}
