import type { Client } from '../core/client.ts';
import type { Clock } from '../core/clock.ts';
import { OAuthError } from '../core/errors.ts';
import { hashHandle } from '../core/hash.ts';
import { repeatable } from '../core/repeatable.ts';
import { isSameText } from '../core/secret.ts';
import type { Parameters } from '../http/parameters.ts';
import type { Store } from '../store/store.ts';
import type { Directory } from '../tenant/directory.ts';
import { assertionType, findAssertionProblem, readSubject } from './client-assertion.ts';

/**
 * The client that sent this request, proven. `parameters` are the body's, `authorization` is the header. Every failure
 * past the missing id is one and the same answer (Auth0: 401 access_denied).
 */
export type AuthenticateClient = (parameters: Parameters, authorization: string | undefined) => Promise<Client>;

export type ClientAuthenticationDeps = {
  readonly directory: Directory;
  readonly store: Pick<Store, 'write' | 'spentProofs'>;
  readonly clock: Clock;
  readonly issuerUrl: string;
};

type Presented = { readonly clientId: string } & (
  | { readonly kind: 'none' }
  | { readonly kind: 'secret'; readonly secret: string }
  | { readonly kind: 'assertion'; readonly assertion: string }
);

/**
 * Secret in the body or as Basic, either for either registration; an assertion for `private_key_jwt` and for nothing else;
 * public clients send neither.
 */
export const createClientAuthentication =
  (deps: ClientAuthenticationDeps): AuthenticateClient =>
  async (parameters, authorization) => {
    const presented = readCredentials(parameters, authorization);
    const client = (await deps.directory.read()).findClient(presented.clientId);
    const problem =
      client?.authMethod === 'private_key_jwt'
        ? await findProblemOfAssertion(deps, client, presented)
        : findProblemOfSecret(client, presented);
    if (client === undefined || problem !== undefined) throw refused(problem ?? 'unknown client', authorization);
    return client;
  };

async function findProblemOfAssertion(
  deps: ClientAuthenticationDeps,
  client: Client,
  presented: Presented,
): Promise<string | undefined> {
  if (presented.kind !== 'assertion') return 'no client assertion';
  const problem = await findAssertionProblem(deps, client, presented.assertion);
  return problem === undefined ? undefined : `client assertion: ${problem}`;
}

/** As much work for a client that is not there, or has no secret, as for a wrong secret: the time tells nothing. */
function findProblemOfSecret(client: Client | undefined, presented: Presented): string | undefined {
  // Both sides are hashes of the same length, compared in constant time.
  const isRight =
    presented.kind === 'secret' && isSameText(hashHandle(presented.secret), client?.secretHash ?? hashOfNoSecret);
  if (client === undefined) return `unknown client ${repeatable(presented.clientId)}`;
  if (presented.kind === 'assertion') return 'a client assertion of a client that is not registered for it';
  if (client.authMethod === 'none') return presented.kind === 'none' ? undefined : 'a public client sent a secret';
  if (presented.kind === 'none' || client.secretHash === undefined) return 'no secret';
  return isRight ? undefined : 'wrong secret';
}

const hashOfNoSecret = '-'.repeat(43);

function readCredentials({ values, malformed }: Parameters, authorization: string | undefined): Presented {
  if (credentialNames.some((name) => malformed.has(name))) throw refused('repeated credentials', authorization);
  const basic = readBasic(authorization);
  // An assertion that cannot be read never counts as no attempt at all.
  if (values.client_assertion !== undefined || values.client_assertion_type !== undefined) {
    return readAssertion(values, authorization);
  }
  if (basic === undefined) {
    const { client_id: clientId, client_secret: secret } = values;
    if (clientId === undefined || clientId === '') {
      throw new OAuthError('invalid_client', 'Missing client_id', { status: 401 });
    }
    return secret === undefined ? { clientId, kind: 'none' } : { clientId, kind: 'secret', secret };
  }
  // RFC 6749 §2.3: one way of authentication per request.
  if (values.client_secret !== undefined) throw refused('two ways of authentication', authorization);
  if (values.client_id !== undefined && values.client_id !== basic.clientId) {
    throw refused('client_id differs from the Authorization header', authorization);
  }
  return { ...basic, kind: 'secret' };
}

const credentialNames = ['client_id', 'client_secret', 'client_assertion', 'client_assertion_type'];

/** RFC 7521 §4.2: the subject is the client; `client_id` may be left out, but not differ. */
function readAssertion(values: Parameters['values'], authorization: string | undefined): Presented {
  const { client_assertion: assertion, client_assertion_type: type, client_id: clientId } = values;
  if (authorization !== undefined || values.client_secret !== undefined) {
    throw refused('two ways of authentication', authorization);
  }
  if (type !== assertionType || assertion === undefined)
    throw refused('not an assertion that is served', authorization);
  const subject = readSubject(assertion);
  if (subject === undefined) throw refused('unreadable client assertion', authorization);
  if (clientId !== undefined && clientId !== subject)
    throw refused('client_id differs from the assertion', authorization);
  return { clientId: subject, kind: 'assertion', assertion };
}

/**
 * RFC 6749 §2.3.1: both halves are form-encoded before base64. A header that cannot be read is a failed authentication
 * (RFC 6749 §5.2), never one that was not tried: what the body says beside it does not count.
 */
function readBasic(
  authorization: string | undefined,
): { readonly clientId: string; readonly secret: string } | undefined {
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
