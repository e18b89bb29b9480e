import type { Client } from '../../core/client.ts';
import { OAuthError, PageError } from '../../core/errors.ts';
import { hashHandle } from '../../core/hash.ts';
import type { HandleHash } from '../../core/ids.ts';
import { allParameters, noParameters, type Parameters, withoutEmpty } from '../../http/parameters.ts';
import type { HttpRequest } from '../../http/route.ts';
import { isActivation } from '../activate/activation.ts';
import type { LoginDeps } from '../deps.ts';

/** RFC 9126 §2.2: what a `request_uri` of ours begins with. No other is ever looked at, let alone fetched (DN-24). */
export const pushedPrefix = 'urn:ietf:params:oauth:request_uri:';

export type AuthorizeParameters = { readonly parameters: Parameters; readonly isPushed: boolean };

/**
 * What /authorize is asked: its own parameters, or those that the client has pushed, and then no others (RFC 9126 §4).
 * Throws PageError: a request that is not there has no target.
 */
export async function readParameters(
  { store, clock, directory }: Pick<LoginDeps, 'store' | 'clock' | 'directory'>,
  request: HttpRequest,
): Promise<AuthorizeParameters> {
  const parameters = withoutEmpty(allParameters(request));
  const { request_uri: uri, client_id: clientId } = parameters.values;
  if (parameters.malformed.size > 0 || !uri?.startsWith(pushedPrefix)) return { parameters, isPushed: false };
  const client = (await directory.read()).findClient(clientId ?? '');
  if (client === undefined) return { parameters, isPushed: false };
  const uriHash = hashHandle(uri) as HandleHash;
  const pushed = await store.write(store.pushedRequests.take(uriHash, client.id));
  if (pushed === undefined || pushed.expiresAt <= clock.now()) {
    throw new PageError('invalid_request_uri', 'The request_uri is unknown, expired or was used before');
  }
  return { parameters: { ...noParameters, values: pushed.parameters }, isPushed: true };
}

/** A device's sign-in begins at /activate and nowhere else: there its person has confirmed the device. */
export function refuseActivation({ values }: Parameters): void {
  if (!isActivation(values)) return;
  throw new PageError('invalid_request', 'This redirect_uri is not for applications', { kind: 'callback' });
}

/** RFC 9126 §5: a client that is registered so sends nothing sensitive through the browser, nor does anybody in its name. */
export function checkPushed({ requiresPushedRequests }: Client, isPushed: boolean): void {
  if (isPushed || !requiresPushedRequests) return;
  throw new OAuthError('invalid_request', 'The request must be pushed to /oauth/par first');
}
