import { type Clock, toEpochSeconds } from '../core/clock.ts';
import { ApiError } from '../core/errors.ts';
import type { ClientId, UserId } from '../core/ids.ts';
import type { JsonObject } from '../core/json.ts';
import { parseScopes } from '../core/scope.ts';
import { type HttpRequest, header } from '../http/route.ts';
import { verifyOwnJwt } from '../issuer/jwt.ts';
import type { Keys } from '../issuer/keys.ts';
import type { Store } from '../store/store.ts';
import type { ScopeRule } from './endpoint.ts';

/** Who calls: an application by its own right (`<client id>@clients`), or a person through an application. */
export type Caller = {
  readonly subject: string;
  readonly clientId: string;
  readonly scopes: ReadonlySet<string>;
};

type CallerDeps = {
  readonly store: Pick<Store, 'users' | 'grants'>;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly audience: string;
  readonly issuerUrl: string;
};

/**
 * The caller behind a request's access token. Errors in Auth0's words (contract: management API §1.2): 400 for what is
 * no token at all, 401 for one that is not good here.
 */
export async function authenticate(deps: CallerDeps, request: HttpRequest): Promise<Caller> {
  const token = readToken(request);
  const claims = verifyOwnJwt(await deps.keys.read(), token);
  if (claims === undefined || claims.iss !== deps.issuerUrl || typeof claims.sub !== 'string') throw invalidToken();
  // A token that is bound to a key proves nothing without the proof.
  if (claims.cnf !== undefined) throw invalidToken();
  const audiences = Array.isArray(claims.aud) ? claims.aud : [claims.aud];
  if (!audiences.includes(deps.audience)) throw new ApiError(401, `Bad audience: ${String(audiences[0])}`);
  if (typeof claims.exp !== 'number' || claims.exp <= toEpochSeconds(deps.clock.now())) {
    throw new ApiError(401, 'Expired token received for JSON Web Token validation');
  }
  const caller = toCaller(claims);
  if (!isApplication(caller) && !(await isLive(deps, caller, claims))) throw invalidToken();
  return caller;
}

const isApplication = ({ subject, clientId }: Caller): boolean => subject === `${clientId}@clients`;

/** A person's token is as good as the person: not blocked, not gone, its grant not revoked. */
async function isLive({ store }: CallerDeps, caller: Caller, claims: JsonObject): Promise<boolean> {
  const userId = caller.subject as UserId;
  const issuedAt = new Date(Number(claims.iat) * 1000);
  const [user, isRevoked] = await Promise.all([
    store.users.find(userId),
    store.grants.isIssueRevoked(userId, caller.clientId as ClientId, issuedAt),
  ]);
  return user !== undefined && !user.isBlocked && !isRevoked;
}

function readToken(request: HttpRequest): string {
  const authorization = header(request, 'authorization');
  if (authorization === undefined || authorization === '') throw new ApiError(401, 'Missing authentication');
  const [, token] = /^Bearer +([^\s]+)$/i.exec(authorization) ?? [];
  if (token === undefined || token.split('.').length !== 3) {
    throw new ApiError(400, 'Bad HTTP authentication header format', { code: 'Bearer' });
  }
  return token;
}

const invalidToken = () => new ApiError(401, 'Invalid token');

const toCaller = (claims: JsonObject): Caller => ({
  subject: String(claims.sub),
  clientId: typeof claims.azp === 'string' ? claims.azp : String(claims.client_id ?? ''),
  scopes: new Set(parseScopes(typeof claims.scope === 'string' ? claims.scope : undefined)),
});

/** 403 with the first group of scopes of which the caller has none. */
export function checkScopes({ scopes }: Caller, rule: ScopeRule): void {
  const missing = rule.find((group) => !group.some((scope) => scopes.has(scope)));
  if (missing !== undefined) throw insufficientScope(missing);
}

export const insufficientScope = (scopes: readonly string[]): ApiError =>
  new ApiError(403, `Insufficient scope, expected any of: ${scopes.join(', ')}`, { code: 'insufficient_scope' });
