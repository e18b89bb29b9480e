import { hasPostLogin } from '../../actions/actions.ts';
import type { Client } from '../../core/client.ts';
import { addSeconds } from '../../core/clock.ts';
import { OAuthError } from '../../core/errors.ts';
import { hashHandle } from '../../core/hash.ts';
import type { HandleHash } from '../../core/ids.ts';
import { parseScopes } from '../../core/scope.ts';
import type { RefreshToken } from '../../core/session.ts';
import {
  createRefreshToken,
  getLiveUser,
  issueTokens,
  resourceServerOf,
  type TokenAnswer,
  type TokenDeps,
  type TokenRequest,
} from './issue-tokens.ts';
import { runScripts } from './refresh-scripts.ts';
import { requireParameter } from './require-parameter.ts';
import { revokeGrant } from './revoke-grant.ts';

/** RFC 6749 §6, with rotation as on Auth0: a token presented twice ends its whole family. */
export async function refresh(deps: TokenDeps, client: Client, request: TokenRequest): Promise<TokenAnswer> {
  const { body: parameters } = request;
  const value = requireParameter(parameters, 'refresh_token');
  const now = deps.clock.now();
  const token = await getRefreshToken(deps, client, value, now);
  checkKey(token, request.keyThumbprint);
  checkAudience(token, parameters.values.audience);
  const known = await getLiveUser(deps, token, "The refresh_token was generated for a user who doesn't exist anymore.");
  const tenant = await deps.directory.read();
  const resourceServer = resourceServerOf(tenant, token.audience);
  const narrowed = narrowScopes(token, parameters.values.scope);
  const { user, scopes, claims } = hasPostLogin(tenant)
    ? await runScripts(deps, token, { request, tenant, client, user: known, resourceServer, scopes: narrowed })
    : { user: known, scopes: narrowed, claims: undefined };
  const isRotating = client.refreshToken.rotation === 'rotating';
  const successor = isRotating
    ? createRefreshToken(deps, client, {
        authorization: token,
        familyExpiresAt: token.expiresAt,
        keyThumbprint: request.keyThumbprint,
        now,
      })
    : undefined;
  // Minted before the token is spent: a failure here costs the client nothing.
  const answer = await issueTokens(deps, {
    client,
    user,
    authorization: token,
    scopes,
    resourceServer,
    nonce: undefined,
    authenticatedAt: undefined,
    grantType: 'refresh_token',
    keyThumbprint: request.keyThumbprint,
    refreshToken: successor?.token ?? value,
    claims,
    now,
  });
  if (successor === undefined) await touch(deps, client, token, now);
  else await rotate(deps, client, token, { successor: successor.row, now });
  return answer;
}

async function getRefreshToken(deps: TokenDeps, client: Client, value: string, now: Date): Promise<RefreshToken> {
  const token = await deps.store.refreshTokens.find(hashHandle(value) as HandleHash);
  if (token === undefined) throw invalidToken('unknown');
  if (token.clientId !== client.id) throw invalidToken('belongs to another client');
  if (isOver(token.expiresAt, now) || isOver(token.idleExpiresAt, now)) throw invalidToken('expired');
  return token;
}

const isOver = (at: Date | undefined, now: Date): boolean => at !== undefined && at <= now;

async function rotate(
  deps: TokenDeps,
  client: Client,
  token: RefreshToken,
  { successor, now }: { readonly successor: RefreshToken; readonly now: Date },
): Promise<void> {
  const { store } = deps;
  const [consumed] = await store.writeAll([
    store.refreshTokens.consume(token.tokenHash, {
      at: now,
      successorId: successor.id,
      leewaySeconds: client.refreshToken.leewaySeconds,
    }),
    store.refreshTokens.createSuccessor(token.tokenHash, successor),
  ]);
  if (consumed === undefined) await refuseReuse(deps, token);
}

async function touch(deps: TokenDeps, client: Client, token: RefreshToken, now: Date): Promise<void> {
  // A token that was rotated before its client was switched to non-rotating stays used.
  if (token.consumedAt !== undefined) await refuseReuse(deps, token);
  const { idleLifetimeSeconds } = client.refreshToken;
  const idleExpiresAt = idleLifetimeSeconds === undefined ? undefined : addSeconds(now, idleLifetimeSeconds);
  const touched = await deps.store.write(deps.store.refreshTokens.touch(token.tokenHash, idleExpiresAt));
  if (touched === undefined) throw invalidToken('revoked');
}

async function refuseReuse(deps: TokenDeps, token: RefreshToken): Promise<never> {
  // The family may be older than this member: everything since the sign-in counts.
  await revokeGrant(deps, token, token.authenticatedAt);
  throw invalidToken(`used before, grant ${token.grantId} revoked`);
}

/** Auth0's libraries repeat the scopes they first asked for; what was not granted is left out, never added. */
function narrowScopes(token: RefreshToken, asked: string | undefined): readonly string[] {
  if (asked === undefined) return token.scopes;
  const wanted = new Set(parseScopes(asked));
  return token.scopes.filter((scope) => wanted.has(scope));
}

/** RFC 9449 §5: of no use to whoever has not got the key, rotated or not. */
function checkKey(token: RefreshToken, keyThumbprint: string | undefined): void {
  if (token.keyThumbprint === undefined || token.keyThumbprint === keyThumbprint) return;
  throw invalidToken('bound to another key');
}

/** One refresh token, one audience; the answer's text lets Auth0's libraries fall back to a silent sign-in. */
function checkAudience(token: RefreshToken, asked: string | undefined): void {
  if (asked !== undefined && asked !== token.audience) throw invalidToken('asked for another audience');
}

const invalidToken = (detail: string): OAuthError =>
  new OAuthError('invalid_grant', 'Unknown or invalid refresh token.', {
    status: 403,
    detail: `refresh token: ${detail}`,
  });
