import type { HandleDeps } from './handles.ts';
import type { Person } from './people.ts';

/** What one person allowed once. Its tokens live and die with it. */
export type Grant = {
  readonly serviceId: string;
  readonly person: Person;
  readonly scopes: readonly string[];
  isRevoked: boolean;
};

export type TokenAnswer = {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  readonly expires_in: number;
  readonly refresh_token: string;
  readonly scope: string;
};

export type Grants = ReturnType<typeof createGrants>;

/** Access tokens that expire and refresh tokens that are used once, in memory. */
export function createGrants(deps: HandleDeps & { readonly accessTokenSeconds: number }) {
  const accessTokens = new Map<string, { grant: Grant; expiresAtMs: number }>();
  const refreshTokens = new Map<string, { grant: Grant; isSpent: boolean }>();

  function issue(grant: Grant): TokenAnswer {
    const accessToken = deps.token();
    const refreshToken = deps.token();
    accessTokens.set(accessToken, { grant, expiresAtMs: deps.now() + deps.accessTokenSeconds * 1000 });
    refreshTokens.set(refreshToken, { grant, isSpent: false });
    return {
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: deps.accessTokenSeconds,
      refresh_token: refreshToken,
      scope: grant.scopes.join(' '),
    };
  }

  return {
    issue,
    /** RFC 6819 §5.2.2.3: a refresh token presented twice means two holders; neither keeps access. */
    refresh(refreshToken: unknown, serviceId: string): TokenAnswer | undefined {
      const entry = typeof refreshToken === 'string' ? refreshTokens.get(refreshToken) : undefined;
      if (!entry || entry.grant.serviceId !== serviceId || entry.grant.isRevoked) return undefined;
      if (entry.isSpent) {
        entry.grant.isRevoked = true;
        return undefined;
      }
      entry.isSpent = true;
      return issue(entry.grant);
    },
    findByAccessToken(accessToken: string, serviceId: string): Grant | undefined {
      const entry = accessTokens.get(accessToken);
      if (!entry || entry.grant.serviceId !== serviceId || entry.grant.isRevoked) return undefined;
      return entry.expiresAtMs > deps.now() ? entry.grant : undefined;
    },
  };
}
