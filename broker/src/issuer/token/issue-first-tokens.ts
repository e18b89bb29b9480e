import type { CustomClaims } from '../../core/action.ts';
import type { Client, ResourceServer } from '../../core/client.ts';
import type { Authorization } from '../../core/session.ts';
import type { User } from '../../core/user.ts';
import {
  createRefreshToken,
  issueTokens,
  type TokenAnswer,
  type TokenDeps,
  type TokenRequest,
} from './issue-tokens.ts';

type FirstTokens = {
  readonly client: Client;
  readonly user: User;
  readonly authorization: Authorization;
  readonly resourceServer: ResourceServer | undefined;
  /** undefined: no script added one. */
  readonly claims: CustomClaims | undefined;
  readonly request: TokenRequest;
  readonly now: Date;
};

/** The first tokens of an authorization that came without a browser of its own; offline_access brings a refresh token. */
export async function issueFirstTokens(deps: TokenDeps, first: FirstTokens): Promise<TokenAnswer> {
  const { request, authorization, ...issue } = first;
  const { client, now } = issue;
  const { keyThumbprint } = request;
  const refresh = authorization.scopes.includes('offline_access')
    ? createRefreshToken(deps, client, {
        authorization,
        metadata: issue.claims?.refreshTokenMetadata,
        request,
        now,
      })
    : undefined;
  if (refresh !== undefined) await deps.store.write(deps.store.refreshTokens.create(refresh.row));
  return issueTokens(deps, {
    ...issue,
    authorization,
    scopes: authorization.scopes,
    nonce: undefined,
    authenticatedAt: undefined,
    grantType: undefined,
    keyThumbprint,
    refreshToken: refresh?.token,
  });
}
