import type { Client } from '../../core/client.ts';
import { addSeconds } from '../../core/clock.ts';
import type { RefreshToken } from '../../core/session.ts';
import { sightingOf } from '../../http/sighting.ts';
import { invalidRefreshToken } from './invalid-refresh-token.ts';
import { createRefreshToken, type TokenDeps, type TokenRequest } from './issue-tokens.ts';
import { revokeGrant } from './revoke-grant.ts';

/** A refresh token that is being exchanged, and by which rules. */
export type Spending = {
  readonly request: TokenRequest;
  readonly client: Client;
  readonly token: RefreshToken;
  readonly now: Date;
};

/** Auth0: a token from before rotation was switched on or off is exchanged for one of the other mode. */
const hasSwitched = ({ client, token }: Spending): boolean =>
  token.isRotating !== undefined && token.isRotating !== (client.refreshToken.rotation === 'rotating');

const isReplaced = (spending: Spending): boolean =>
  spending.client.refreshToken.rotation === 'rotating' || hasSwitched(spending);

/** Before anything else happens: a token that was used before ends its family, unless leeway forgives it. */
export async function checkUnused(deps: TokenDeps, spending: Spending): Promise<void> {
  const { client, token, now } = spending;
  if (token.consumedAt === undefined) return;
  const isForgiven =
    isReplaced(spending) &&
    token.heirHash === undefined &&
    now < addSeconds(token.consumedAt, client.refreshToken.leewaySeconds);
  if (!isForgiven) await refuseReuse(deps, spending);
}

/** The token that goes out in its place; undefined: it stays as it is. */
export function createSuccessor(
  deps: TokenDeps,
  spending: Spending,
): ReturnType<typeof createRefreshToken> | undefined {
  const { client, token, request, now } = spending;
  if (!isReplaced(spending)) return undefined;
  return createRefreshToken(deps, client, {
    authorization: token,
    predecessor: token,
    request,
    now,
  });
}

/** One statement decides between parallel uses. */
export async function spend(deps: TokenDeps, spending: Spending, successor: RefreshToken | undefined): Promise<void> {
  const { store } = deps;
  const { client, token, now } = spending;
  if (successor === undefined) {
    await touch(deps, spending);
    return;
  }
  const [consumed] = await store.writeAll([
    store.refreshTokens.consume(token.tokenHash, {
      at: now,
      successorId: successor.id,
      leewaySeconds: client.refreshToken.leewaySeconds,
    }),
    store.refreshTokens.createSuccessor(token.tokenHash, successor),
    ...(hasSwitched(spending) ? [store.refreshTokens.dropOtherMode(token.tokenHash, successor)] : []),
  ]);
  if (consumed === undefined) await refuseReuse(deps, spending);
}

async function touch({ store }: TokenDeps, { client, token, request, now }: Spending): Promise<void> {
  const { idleLifetimeSeconds } = client.refreshToken;
  const idleExpiresAt = idleLifetimeSeconds === undefined ? undefined : addSeconds(now, idleLifetimeSeconds);
  const touched = await store.write(
    store.refreshTokens.touch(token.tokenHash, { idleExpiresAt, at: now, seenFrom: sightingOf(request) }),
  );
  if (touched === undefined) throw invalidRefreshToken('revoked');
}

async function refuseReuse(deps: TokenDeps, { request, token }: Spending): Promise<never> {
  const event = deps.events.record(request, {
    type: 'ferrt',
    traceId: request.traceId,
    clientId: token.clientId,
    connectionId: token.connectionId,
    userId: token.userId,
    description: 'A refresh token was used before; its whole family is revoked',
  });
  // The family may be older than this member: everything since the sign-in counts.
  await revokeGrant(deps, token, token.authenticatedAt, [event]);
  throw invalidRefreshToken(`used before, grant ${token.grantId} revoked`, { isRecorded: true });
}
