import { addSeconds, type Clock } from '../../core/clock.ts';
import type { Authorization } from '../../core/session.ts';
import type { Store, Write } from '../../store/store.ts';

/** Longest life of an access token (Auth0: 30 days); after it nothing of a revoked grant can be alive. */
const longestAccessTokenSeconds = 2_592_000;

/**
 * Ends everything that came from one authorization: refresh tokens at once, access tokens at /userinfo.
 * `writes` go with it, such as its log event. RFC 6749 §4.1.2 and §10.5 (a code presented twice), RFC 9700 §4.14.2 (a refresh token presented twice).
 */
export async function revokeGrant(
  deps: RevokingDeps,
  authorization: Revocable,
  issuedFrom: Date,
  writes: readonly Write<unknown>[] = [],
): Promise<void> {
  await deps.store.writeAll([...revocationWrites(deps, authorization, issuedFrom), ...writes]);
}

type RevokingDeps = { readonly store: Store; readonly clock: Clock };
type Revocable = Authorization & { readonly consumedAt: Date | undefined };

/** What revokeGrant writes, for those who have more to write with it. */
export function revocationWrites(
  { store, clock }: RevokingDeps,
  authorization: Revocable,
  issuedFrom: Date,
): readonly Write<unknown>[] {
  const now = clock.now();
  // What was issued at the first use counts too, also if it happened on a broker whose clock is ahead.
  const revokedAt = new Date(Math.max(now.getTime(), authorization.consumedAt?.getTime() ?? 0));
  return [
    store.grants.revoke({
      grantId: authorization.grantId,
      userId: authorization.userId,
      clientId: authorization.clientId,
      // Access tokens know their second of issue only.
      issuedFrom: new Date(Math.floor(issuedFrom.getTime() / 1000) * 1000),
      revokedAt,
      expiresAt: addSeconds(now, longestAccessTokenSeconds),
    }),
    store.refreshTokens.deleteByGrant(authorization.grantId),
  ];
}
