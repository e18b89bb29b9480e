import { hasWildcard, isListed, problemOfCallback } from '../../core/callback-url.ts';
import type { Client } from '../../core/client.ts';
import { PageError } from '../../core/errors.ts';
import { mayActivate } from '../activate/activation.ts';

/** A redirect URI that is on its client's list. Only this file makes one. */
export type VerifiedRedirectUri = string & { readonly __kind: 'VerifiedRedirectUri' };

/**
 * Compared as text, to the letter: no normalisation that two parsers could do differently (RFC 9700 §2.1). Loopback
 * ports are compared too, as on Auth0. A listed wildcard leaves one label open. One listed address serves as the default.
 */
export function findRedirectUri(
  client: Client,
  sent: string | undefined,
): { readonly redirectUri: VerifiedRedirectUri; readonly isExplicit: boolean } {
  if (sent === undefined || sent === '') {
    const [only, ...others] = client.callbacks;
    if (only === undefined || others.length > 0 || hasWildcard(only)) throw missing();
    return { redirectUri: prove(client, only), isExplicit: false };
  }
  return { redirectUri: prove(client, sent), isExplicit: true };
}

function prove(client: Client, uri: string): VerifiedRedirectUri {
  // Checked again although it was checked when it was listed: a list can come from an older program.
  if (mayActivate(client, uri)) return uri as VerifiedRedirectUri;
  if (!isOnListOf(client, uri) || problemOfCallback(uri) !== undefined) throw mismatch(uri);
  return uri as VerifiedRedirectUri;
}

/** Auth0: wildcards are for first-party clients; somebody else's may not spread over a whole domain. */
const isOnListOf = ({ isFirstParty, callbacks }: Client, uri: string): boolean =>
  isFirstParty ? isListed(callbacks, uri) : callbacks.includes(uri);

/** Auth0's words, heading included. */
const mismatch = (uri: string): PageError =>
  new PageError(
    'unauthorized_client',
    'The provided redirect_uri is not in the list of allowed callback URLs. Please go to the Application Settings page and make sure you are sending a valid callback url from your application.',
    {
      kind: 'callback',
      detail: `callback ${uri.slice(0, 200)}`,
    },
  );

const missing = (): PageError => new PageError('invalid_request', 'Missing required parameter: redirect_uri');
