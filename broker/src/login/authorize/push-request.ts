import { addSeconds } from '../../core/clock.ts';
import { OAuthError } from '../../core/errors.ts';
import { hashHandle } from '../../core/hash.ts';
import type { HandleHash } from '../../core/ids.ts';
import { repeatable } from '../../core/repeatable.ts';
import { type Parameters, withoutEmpty } from '../../http/parameters.ts';
import { jsonReply } from '../../http/reply.ts';
import { type HttpReply, type HttpRequest, header } from '../../http/route.ts';
import type { LoginDeps } from '../deps.ts';
import { pushedPrefix } from './pushed-request.ts';
import { verifyRequest } from './request.ts';
import { proveTarget } from './target.ts';

const lifetimeSeconds = 30;

/**
 * `POST /oauth/par` (RFC 9126): the client proves itself as at the token endpoint and leaves its /authorize request here.
 * The request is verified whole now, so that a mistake is told to the client, and again when it is used.
 */
export const pushRequest =
  (deps: LoginDeps) =>
  async (request: HttpRequest): Promise<HttpReply> => {
    const body = withoutEmpty(request.body);
    checkForm(body);
    const client = await deps.authenticateClient(body, header(request, 'authorization'));
    const keyThumbprint = request.headers.dpop === undefined ? undefined : await deps.proofs.verify(request, client);
    const values = toParameters(body, { clientId: client.id, keyThumbprint });
    const tenant = await deps.directory.read();
    proveTarget(tenant, { values, malformed: body.malformed });
    verifyRequest(tenant, client, values);
    const uri = deps.random.token(pushedPrefix);
    await deps.store.write(
      deps.store.pushedRequests.create({
        uriHash: hashHandle(uri) as HandleHash,
        clientId: client.id,
        parameters: values,
        expiresAt: addSeconds(deps.clock.now(), lifetimeSeconds),
      }),
    );
    const nonce = keyThumbprint === undefined ? {} : await deps.proofs.nonceHeader();
    return jsonReply(201, { request_uri: uri, expires_in: lifetimeSeconds }, nonce);
  };

function checkForm({ values, malformed }: Parameters): void {
  const [name] = malformed;
  if (name !== undefined) {
    throw new OAuthError('invalid_request', `Parameter must be sent once, as a string: ${repeatable(name)}`);
  }
  // RFC 9126 §2.1: a pushed request cannot stand for another one.
  if (values.request_uri !== undefined) {
    throw new OAuthError('invalid_request', 'The request_uri parameter cannot be pushed');
  }
}

const credentials: ReadonlySet<string> = new Set(['client_secret', 'client_assertion', 'client_assertion_type']);

type Proven = { readonly clientId: string; readonly keyThumbprint: string | undefined };

/** What /authorize reads: without what only proved the client, with the key that it proved (RFC 9449 §10.1). */
function toParameters({ values }: Parameters, { clientId, keyThumbprint }: Proven): Record<string, string> {
  const { dpop_jkt: asked } = values;
  if (keyThumbprint !== undefined && asked !== undefined && asked !== keyThumbprint) {
    throw new OAuthError('invalid_dpop_proof', 'The DPoP proof is not valid: dpop_jkt is of another key');
  }
  return {
    ...Object.fromEntries(Object.entries(values).filter(([name]) => !credentials.has(name))),
    client_id: clientId,
    ...(keyThumbprint === undefined ? {} : { dpop_jkt: keyThumbprint }),
  };
}
