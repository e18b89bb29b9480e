import { claimsFor } from '../core/claims.ts';
import { type Clock, toEpochSeconds } from '../core/clock.ts';
import { OAuthError } from '../core/errors.ts';
import type { ClientId, GrantId, UserId } from '../core/ids.ts';
import { isJsonObject, type JsonObject } from '../core/json.ts';
import { parseScopes } from '../core/scope.ts';
import { jsonReply, textReply } from '../http/reply.ts';
import { type HttpReply, type HttpRequest, header } from '../http/route.ts';
import type { Store } from '../store/store.ts';
import type { ProofOfPossession } from './dpop/proof-of-possession.ts';
import { proofAlgorithms } from './dpop/read-proof.ts';
import { verifyOwnJwt } from './jwt.ts';
import type { Keys } from './keys.ts';
import { openOpaqueToken } from './opaque-token.ts';

type UserinfoDeps = {
  readonly store: Pick<Store, 'users' | 'grants'>;
  readonly keys: Keys;
  readonly proofs: ProofOfPossession;
  readonly clock: Clock;
  readonly issuerUrl: string;
};

/**
 * `GET|POST /userinfo`: opaque tokens and JWTs whose audience includes it; header, or query for old libraries. A token that
 * is bound to a key comes with the scheme DPoP and a proof, and in no other way (RFC 9449 §7.1).
 */
export const userinfo =
  (deps: UserinfoDeps) =>
  async (request: HttpRequest): Promise<HttpReply> => {
    const { token, scheme } = readToken(request);
    if (token === undefined) return unauthorized('No access token was sent');
    const claims = await verifyToken(deps, token);
    if (claims === undefined) return unauthorized('The access token is not valid');
    if (typeof claims.exp !== 'number' || claims.exp <= toEpochSeconds(deps.clock.now())) {
      return unauthorized('The token has expired');
    }
    const refusal = await refuseWithoutProof(deps, request, { token, scheme, boundTo: boundKeyOf(claims) });
    if (refusal !== undefined) return refusal;
    const scopes = parseScopes(typeof claims.scope === 'string' ? claims.scope : undefined);
    if (!scopes.includes('openid')) return insufficientScope();
    if (await isRevoked(deps, claims)) return unauthorized('The access token is not valid');
    const user = await deps.store.users.find(claims.sub as UserId);
    if (user === undefined || user.isBlocked) return unauthorized('The access token is not valid');
    return jsonReply(200, claimsFor(user, scopes));
  };

type Scheme = 'Bearer' | 'DPoP';

function readToken(request: HttpRequest): { readonly token: string | undefined; readonly scheme: Scheme } {
  const [, scheme, token] = /^(Bearer|DPoP) +([^\s]+)$/i.exec(header(request, 'authorization') ?? '') ?? [];
  if (scheme?.toLowerCase() === 'dpop') return { token, scheme: 'DPoP' };
  return { token: token ?? request.body.values.access_token ?? request.query.values.access_token, scheme: 'Bearer' };
}

/** RFC 7800: the thumbprint in `cnf`. */
const boundKeyOf = ({ cnf }: JsonObject): string | undefined =>
  isJsonObject(cnf) && typeof cnf.jkt === 'string' ? cnf.jkt : undefined;

type Presented = { readonly token: string; readonly scheme: Scheme; readonly boundTo: string | undefined };

/** undefined: the token came as it must. */
async function refuseWithoutProof(
  { proofs, issuerUrl }: UserinfoDeps,
  request: HttpRequest,
  { token, scheme, boundTo }: Presented,
): Promise<HttpReply | undefined> {
  if (scheme === 'Bearer')
    return boundTo === undefined ? undefined : unauthorized('The access token is bound to a key');
  if (boundTo === undefined) return refuseProof('invalid_token', 'The access token is not bound to a key');
  try {
    const thumbprint = await proofs.verifyWithToken(request, `${issuerUrl}userinfo`, token);
    return thumbprint === boundTo
      ? undefined
      : refuseProof('invalid_token', 'The access token is bound to another key');
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    return refuseProof(error.code, error.message, error.headers);
  }
}

async function verifyToken({ keys, issuerUrl }: UserinfoDeps, token: string): Promise<JsonObject | undefined> {
  const keySet = await keys.read();
  const claims = token.split('.').length === 5 ? openOpaqueToken(keySet, token) : verifyOwnJwt(keySet, token);
  if (claims === undefined || claims.iss !== issuerUrl || typeof claims.sub !== 'string') return undefined;
  // An ID token is signed by the same key but made for a client: its audience is not this endpoint.
  const audiences = Array.isArray(claims.aud) ? claims.aud : [claims.aud];
  return audiences.includes(`${issuerUrl}userinfo`) ? claims : undefined;
}

function isRevoked({ store }: UserinfoDeps, claims: JsonObject): Promise<boolean> {
  if (typeof claims.grant === 'string') return store.grants.isRevoked(claims.grant as GrantId);
  const issuedAt = new Date(Number(claims.iat) * 1000);
  return store.grants.isIssueRevoked(claims.sub as UserId, (claims.azp ?? claims.client_id) as ClientId, issuedAt);
}

/** Auth0: the body is the plain word, the reason is in the header (RFC 6750 §3). */
const unauthorized = (reason: string): HttpReply =>
  textReply(401, 'Unauthorized', {
    'www-authenticate': `Bearer realm="Users", error="invalid_token", error_description="${reason}"`,
  });

/** RFC 9449 §7.1 and §9. */
const refuseProof = (code: string, reason: string, headers: HttpReply['headers'] = {}): HttpReply =>
  textReply(401, 'Unauthorized', {
    'www-authenticate': `DPoP algs="${proofAlgorithms.join(' ')}", error="${code}", error_description="${reason}"`,
    ...headers,
  });

const insufficientScope = (): HttpReply =>
  textReply(403, 'Forbidden', {
    'www-authenticate':
      'Bearer realm="Users", error="insufficient_scope", error_description="The openid scope is required", scope="openid"',
  });
