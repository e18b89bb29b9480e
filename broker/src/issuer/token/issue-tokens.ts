import type { Actions } from '../../actions/actions.ts';
import type { CustomClaims } from '../../core/action.ts';
import { mayHaveTokens, noTokensFor } from '../../core/api-policy.ts';
import type { AttemptEnd } from '../../core/attempt.ts';
import type { AttemptLimit } from '../../core/attempt-limit.ts';
import type { Client, ResourceServer } from '../../core/client.ts';
import { addSeconds, type Clock } from '../../core/clock.ts';
import type { Metadata } from '../../core/device.ts';
import { OAuthError } from '../../core/errors.ts';
import { hashHandle } from '../../core/hash.ts';
import type { HandleHash } from '../../core/ids.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import { logNameOf } from '../../core/log-event.ts';
import type { Random } from '../../core/random.ts';
import type { Authorization, RefreshToken } from '../../core/session.ts';
import type { User } from '../../core/user.ts';
import type { HttpRequest } from '../../http/route.ts';
import { sightingOf } from '../../http/sighting.ts';
import type { Store } from '../../store/store.ts';
import type { Directory, Snapshot } from '../../tenant/directory.ts';
import type { Users } from '../../users/users.ts';
import type { AuthenticateClient } from '../authenticate-client.ts';
import type { ProofOfPossession } from '../dpop/proof-of-possession.ts';
import type { IssuerEvents, TokenFacts } from '../issuer-events.ts';
import type { Minter } from '../mint.ts';

export type TokenDeps = {
  readonly store: Store;
  readonly directory: Directory;
  readonly minter: Minter;
  readonly authenticateClient: AuthenticateClient;
  readonly proofs: ProofOfPossession;
  readonly actions: Actions;
  readonly users: Users;
  /** Of subject tokens that were rejected, by address. */
  readonly exchangeLimit: AttemptLimit;
  /** Exchanges in which scripts ran. Never rejects. */
  readonly keepAttempt: (end: AttemptEnd) => Promise<void>;
  readonly clock: Clock;
  readonly random: Random;
  readonly events: IssuerEvents;
  /** Whether tokens that are issued leave lines. */
  readonly logsTokens: boolean;
};

/** A request at /oauth/token, its client proven. `keyThumbprint`: the key that its tokens become bound to. */
export type TokenRequest = HttpRequest & { readonly keyThumbprint: string | undefined };

/** The body of a 200 at /oauth/token, and whose tokens are in it. */
export type TokenAnswer = { readonly body: JsonObject; readonly facts: TokenFacts };

export type Issue = {
  readonly client: Client;
  readonly user: User;
  readonly authorization: Authorization;
  readonly scopes: readonly string[];
  /** What the ID token tells of; undefined: `scopes`. There is one if `openid` is among them. */
  readonly idTokenScopes?: readonly string[];
  readonly resourceServer: ResourceServer | undefined;
  readonly nonce: string | undefined;
  readonly authenticatedAt: Date | undefined;
  readonly grantType: 'refresh_token' | undefined;
  /** The key that the access token becomes bound to. */
  readonly keyThumbprint: string | undefined;
  /** Handed out beside the tokens; already stored, or about to be. */
  readonly refreshToken: string | undefined;
  /** undefined: no script added one. */
  readonly claims: CustomClaims | undefined;
  readonly now: Date;
};

/** Mints what the granted scopes call for. Both signatures run side by side. */
export async function issueTokens({ minter }: Pick<TokenDeps, 'minter'>, issue: Issue): Promise<TokenAnswer> {
  const { client, user, authorization, scopes, idTokenScopes = scopes, now } = issue;
  const [access, idToken] = await Promise.all([
    minter.mintAccessToken({
      subject: user.id,
      clientId: client.id,
      grantId: authorization.grantId,
      scopes,
      resourceServer: issue.resourceServer,
      isFrontChannel: false,
      grantType: issue.grantType,
      keyThumbprint: issue.keyThumbprint,
      claims: issue.claims?.accessToken,
      now,
    }),
    idTokenScopes.includes('openid')
      ? minter.mintIdToken({
          user,
          client,
          scopes: idTokenScopes,
          sid: authorization.sid,
          nonce: issue.nonce,
          authenticatedAt: issue.authenticatedAt,
          claims: issue.claims?.idToken,
          now,
        })
      : undefined,
  ]);
  const body: Record<string, Json> = { access_token: access.token };
  if (issue.refreshToken !== undefined) body.refresh_token = issue.refreshToken;
  if (idToken !== undefined) body.id_token = idToken;
  if (scopes.length > 0) body.scope = scopes.join(' ');
  body.expires_in = access.expiresInSeconds;
  body.token_type = tokenTypeOf(issue);
  return {
    body,
    facts: {
      connectionId: authorization.connectionId,
      userId: user.id,
      userName: logNameOf(user),
      audience: issue.resourceServer?.identifier,
      scopes,
    },
  };
}

/** RFC 9449 §5: a bound token is not a bearer's. */
export const tokenTypeOf = ({ keyThumbprint }: { readonly keyThumbprint: string | undefined }): 'DPoP' | 'Bearer' =>
  keyThumbprint === undefined ? 'Bearer' : 'DPoP';

type NewRefreshToken = {
  readonly authorization: Authorization;
  /** undefined: none from scripts. A successor has its predecessor's. */
  readonly metadata?: Metadata | undefined;
  /** Given at a rotation: the family's end and beginning do not move; undefined: the client's lifetime begins now. */
  readonly predecessor?: RefreshToken | undefined;
  /** That it is made for. */
  readonly request: TokenRequest;
  readonly now: Date;
};

/** A refresh token for this authorization: the value to hand out, and the row that knows its hash. */
export function createRefreshToken(
  { random }: Pick<TokenDeps, 'random'>,
  client: Client,
  { authorization, metadata = {}, predecessor, request, now }: NewRefreshToken,
): { readonly token: string; readonly row: RefreshToken } {
  const token = random.token('v1.');
  const { lifetimeSeconds, idleLifetimeSeconds } = client.refreshToken;
  const seenFrom = sightingOf(request);
  const expiresAt =
    predecessor?.expiresAt ?? (lifetimeSeconds === undefined ? undefined : addSeconds(now, lifetimeSeconds));
  const row: RefreshToken = {
    grantId: authorization.grantId,
    clientId: authorization.clientId,
    userId: authorization.userId,
    connectionId: authorization.connectionId,
    sid: authorization.sid,
    scopes: authorization.scopes,
    audience: authorization.audience,
    authenticatedAt: authorization.authenticatedAt,
    // RFC 9449 §5: whoever has a secret has proven itself; a public client's key is all it has.
    keyThumbprint: client.authMethod === 'none' ? request.keyThumbprint : undefined,
    id: random.id('rt_'),
    tokenHash: hashHandle(token) as HandleHash,
    createdAt: now,
    expiresAt,
    idleExpiresAt: idleLifetimeSeconds === undefined ? undefined : addSeconds(now, idleLifetimeSeconds),
    consumedAt: undefined,
    successorId: undefined,
    isRotating: client.refreshToken.rotation === 'rotating',
    heirHash: undefined,
    lastExchangedAt: predecessor === undefined ? undefined : now,
    device: { initial: predecessor?.device.initial ?? seenFrom, last: seenFrom },
    metadata: predecessor?.metadata ?? metadata,
  };
  return { token, row };
}

/** The person behind a code or refresh token, who may have been blocked or deleted since. */
export async function getLiveUser(
  { store }: Pick<TokenDeps, 'store'>,
  authorization: Authorization,
  whenGone: string,
): Promise<User> {
  const user = await store.users.find(authorization.userId);
  if (user === undefined) throw new OAuthError('invalid_grant', whenGone, { status: 403 });
  if (user.isBlocked) throw new OAuthError('unauthorized', 'user is blocked', { status: 403 });
  return user;
}

/** The API of a person's token; an audience whose API is gone, or is not for people any more, ends the request. */
export function resourceServerOf(tenant: Snapshot, audience: string | undefined): ResourceServer | undefined {
  if (audience === undefined) return undefined;
  const resourceServer = getResourceServer(tenant, audience);
  if (mayHaveTokens(resourceServer, 'user')) return resourceServer;
  throw new OAuthError('access_denied', noTokensFor(resourceServer), { status: 403 });
}

export function getResourceServer(tenant: Snapshot, audience: string): ResourceServer {
  const resourceServer = tenant.findResourceServer(audience);
  if (resourceServer === undefined) {
    throw new OAuthError('access_denied', `Service not found: ${audience}`, { status: 403 });
  }
  return resourceServer;
}
