import type { Client } from '../core/client.ts';
import { OAuthError } from '../core/errors.ts';
import { hashHandle } from '../core/hash.ts';
import { isSameText } from '../core/secret.ts';
import type { Parameters } from '../http/parameters.ts';
import type { Snapshot } from '../tenant/directory.ts';

type Presented = { readonly clientId: string; readonly secret: string | undefined };

/**
 * The client that sent this request, proven. Secret in the body or as Basic, either for either registration; public
 * clients send none. Every failure past the missing id is one and the same answer (Auth0: 401 access_denied).
 */
export function authenticateClient(
  tenant: Snapshot,
  parameters: Parameters,
  authorization: string | undefined,
): Client {
  const presented = readCredentials(parameters, authorization);
  const client = tenant.findClient(presented.clientId);
  if (client === undefined) throw refused(`unknown client ${presented.clientId.slice(0, 64)}`, authorization);
  if (client.authMethod === 'none') {
    if (presented.secret !== undefined) throw refused('a public client sent a secret', authorization);
    return client;
  }
  if (presented.secret === undefined || client.secretHash === undefined) throw refused('no secret', authorization);
  // Both sides are hashes of the same length, compared in constant time.
  if (!isSameText(hashHandle(presented.secret), client.secretHash)) throw refused('wrong secret', authorization);
  return client;
}

function readCredentials({ values, malformed }: Parameters, authorization: string | undefined): Presented {
  if (malformed.has('client_id') || malformed.has('client_secret'))
    throw refused('repeated credentials', authorization);
  // An assertion is another way to authenticate: one that is not served never counts as no attempt at all.
  if (values.client_assertion !== undefined) throw refused('a client assertion', authorization);
  const basic = readBasic(authorization);
  if (basic === undefined) {
    const { client_id: clientId, client_secret: secret } = values;
    if (clientId === undefined || clientId === '') {
      throw new OAuthError('invalid_client', 'Missing client_id', { status: 401 });
    }
    return { clientId, secret };
  }
  // RFC 6749 §2.3: one way of authentication per request.
  if (values.client_secret !== undefined) throw refused('two ways of authentication', authorization);
  if (values.client_id !== undefined && values.client_id !== basic.clientId) {
    throw refused('client_id differs from the Authorization header', authorization);
  }
  return basic;
}

/**
 * RFC 6749 §2.3.1: both halves are form-encoded before base64. A header that cannot be read is a failed authentication
 * (RFC 6749 §5.2), never one that was not tried: what the body says beside it does not count.
 */
function readBasic(authorization: string | undefined): Presented | undefined {
  if (authorization === undefined) return undefined;
  const [, base64 = ''] = /^Basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization) ?? [];
  const text = Buffer.from(base64, 'base64').toString('utf8');
  const at = text.indexOf(':');
  if (at === -1) throw refused('unreadable Authorization header', authorization);
  return { clientId: decodeForm(text.slice(0, at)), secret: decodeForm(text.slice(at + 1)) };
}

function decodeForm(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

function refused(detail: string, authorization: string | undefined): OAuthError {
  return new OAuthError('access_denied', 'Unauthorized', {
    status: 401,
    detail,
    ...(authorization === undefined ? {} : { headers: { 'www-authenticate': 'Basic realm="token"' } }),
  });
}
