import { claimsFor } from '../core/claims.ts';
import { type Clock, toEpochSeconds } from '../core/clock.ts';
import type { ClientId, GrantId, UserId } from '../core/ids.ts';
import type { JsonObject } from '../core/json.ts';
import { parseScopes } from '../core/scope.ts';
import { jsonReply, textReply } from '../http/reply.ts';
import { type HttpReply, type HttpRequest, header } from '../http/route.ts';
import type { Store } from '../store/store.ts';
import { verifyOwnJwt } from './jwt.ts';
import type { Keys } from './keys.ts';
import { openOpaqueToken } from './opaque-token.ts';

type UserinfoDeps = {
  readonly store: Pick<Store, 'users' | 'grants'>;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly issuerUrl: string;
};

/** `GET|POST /userinfo`: opaque tokens and JWTs whose audience includes it; header, or query for old libraries. */
export const userinfo =
  (deps: UserinfoDeps) =>
  async (request: HttpRequest): Promise<HttpReply> => {
    const token = readToken(request);
    if (token === undefined) return unauthorized('No access token was sent');
    const claims = await verifyToken(deps, token);
    if (claims === undefined) return unauthorized('The access token is not valid');
    if (typeof claims.exp !== 'number' || claims.exp <= toEpochSeconds(deps.clock.now())) {
      return unauthorized('The token has expired');
    }
    const scopes = parseScopes(typeof claims.scope === 'string' ? claims.scope : undefined);
    if (!scopes.includes('openid')) return insufficientScope();
    if (await isRevoked(deps, claims)) return unauthorized('The access token is not valid');
    const user = await deps.store.users.find(claims.sub as UserId);
    if (user === undefined || user.isBlocked) return unauthorized('The access token is not valid');
    return jsonReply(200, claimsFor(user, scopes));
  };

function readToken(request: HttpRequest): string | undefined {
  const match = /^Bearer +([^\s]+)$/i.exec(header(request, 'authorization') ?? '');
  return match?.[1] ?? request.body.values.access_token ?? request.query.values.access_token;
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
  return store.grants.isIssueRevoked(claims.sub as UserId, claims.azp as ClientId, issuedAt);
}

/** Auth0: the body is the plain word, the reason is in the header (RFC 6750 §3). */
const unauthorized = (reason: string): HttpReply =>
  textReply(401, 'Unauthorized', {
    'www-authenticate': `Bearer realm="Users", error="invalid_token", error_description="${reason}"`,
  });

const insufficientScope = (): HttpReply =>
  textReply(403, 'Forbidden', {
    'www-authenticate':
      'Bearer realm="Users", error="insufficient_scope", error_description="The openid scope is required", scope="openid"',
  });
