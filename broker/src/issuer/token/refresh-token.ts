import { hasPostLogin } from '../../actions/actions.ts';
import type { Client } from '../../core/client.ts';
import { OAuthError } from '../../core/errors.ts';
import { hashHandle } from '../../core/hash.ts';
import type { HandleHash } from '../../core/ids.ts';
import type { RefreshToken } from '../../core/session.ts';
import { invalidRefreshToken } from './invalid-refresh-token.ts';
import { getLiveUser, issueTokens, type TokenAnswer, type TokenDeps, type TokenRequest } from './issue-tokens.ts';
import { runScripts } from './refresh-scripts.ts';
import { targetOf } from './refresh-target.ts';
import { requireParameter } from './require-parameter.ts';
import { checkUnused, createSuccessor, spend } from './spend-refresh-token.ts';

/** RFC 6749 §6, with rotation as on Auth0: a token presented twice ends its whole family. */
export async function refresh(deps: TokenDeps, client: Client, request: TokenRequest): Promise<TokenAnswer> {
  const { body: parameters, keyThumbprint } = request;
  const value = requireParameter(parameters, 'refresh_token');
  const now = deps.clock.now();
  const token = await getRefreshToken(deps, client, value, now);
  checkKey(token, keyThumbprint);
  const spending = { request, client, token, now };
  await checkUnused(deps, spending);
  const known = await getLiveUser(deps, token, userIsGone);
  const tenant = await deps.directory.read();
  const { resourceServer, scopes: asked } = targetOf(tenant, client, token, parameters.values);
  const { user, scopes, claims } = hasPostLogin(tenant)
    ? await runScripts(deps, token, { request, tenant, client, user: known, resourceServer, scopes: asked })
    : { user: known, scopes: asked, claims: undefined };
  const successor = createSuccessor(deps, spending);
  // Minted before the token is spent: a failure here costs the client nothing.
  const answer = await issueTokens(deps, {
    client,
    user,
    authorization: token,
    scopes,
    // Auth0's libraries for single-page applications expect one each time.
    idTokenScopes: token.scopes.includes('openid') ? ['openid', ...scopes] : [],
    resourceServer,
    nonce: undefined,
    authenticatedAt: undefined,
    grantType: 'refresh_token',
    keyThumbprint,
    refreshToken: successor?.token ?? value,
    claims,
    now,
  });
  await spend(deps, spending, successor?.row);
  return answer;
}

const userIsGone = "The refresh_token was generated for a user who doesn't exist anymore.";

async function getRefreshToken(deps: TokenDeps, client: Client, value: string, now: Date): Promise<RefreshToken> {
  const tokenHash = hashHandle(value) as HandleHash;
  const token = await deps.store.refreshTokens.find(tokenHash);
  if (token === undefined) {
    const isOrphaned = await deps.store.refreshTokens.isOrphaned(tokenHash, client.id);
    throw isOrphaned ? new OAuthError('invalid_grant', userIsGone, { status: 403 }) : invalidRefreshToken('unknown');
  }
  if (token.clientId !== client.id) throw invalidRefreshToken('belongs to another client');
  if (isOver(token.expiresAt, now) || isOver(token.idleExpiresAt, now)) throw invalidRefreshToken('expired');
  return token;
}

/** RFC 9449 §5: a token that was bound at its birth is worth nothing without the key. */
function checkKey(token: RefreshToken, keyThumbprint: string | undefined): void {
  if (token.keyThumbprint === undefined || token.keyThumbprint === keyThumbprint) return;
  throw invalidRefreshToken('bound to another key');
}

const isOver = (at: Date | undefined, now: Date): boolean => at !== undefined && at <= now;
