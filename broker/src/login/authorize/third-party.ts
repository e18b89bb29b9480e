import type { Client } from '../../core/client.ts';
import { OAuthError } from '../../core/errors.ts';
import type { ResponseType } from './response-type.ts';

/** Auth0's list for applications that are somebody else's. `request_uri` is how most of them would come, pushed. */
const allowed: ReadonlySet<string> = new Set([
  'acr_values',
  'audience',
  'authorization_details',
  'client_id',
  'code_challenge',
  'code_challenge_method',
  'connection',
  'correlation_id',
  'display',
  'dpop_jkt',
  'login_hint',
  'max_age',
  'nonce',
  'prompt',
  'redirect_uri',
  'request_uri',
  'resource',
  'response_type',
  'scope',
  'state',
  'ui_locales',
]);

/** A third-party client gets a code, and may only ask in ways that are known to be harmless. */
export function checkThirdParty(
  { isFirstParty }: Client,
  parameters: Readonly<Record<string, string>>,
  { token, idToken }: ResponseType,
): void {
  if (isFirstParty) return;
  if (token || idToken) {
    throw new OAuthError('unsupported_response_type', 'Third-party applications may only use the response type code');
  }
  const other = Object.keys(parameters).find((name) => !allowed.has(name) && !name.startsWith('ext-'));
  if (other === undefined) return;
  throw new OAuthError('invalid_request', `Third-party applications may not send the parameter ${other.slice(0, 64)}`);
}
