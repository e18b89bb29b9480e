import { createHash, type KeyObject } from 'node:crypto';
import { claimsFor } from '../core/claims.ts';
import type { Client, ResourceServer } from '../core/client.ts';
import { addSeconds, toEpochSeconds } from '../core/clock.ts';
import type { ClientId, GrantId, UserId } from '../core/ids.ts';
import type { Json, JsonObject } from '../core/json.ts';
import type { Random } from '../core/random.ts';
import type { User } from '../core/user.ts';
import { signJwt, signJwtWithSecret } from './jwt.ts';
import type { JwtType, Keys } from './keys.ts';
import { sealOpaqueToken } from './opaque-token.ts';
import type { TokenSecrets } from './token-secrets.ts';

/** What an access token is made from. `grantType` is set where Auth0 writes a `gty` claim. */
export type AccessTokenRequest = {
  readonly subject: UserId | `${ClientId}@clients`;
  readonly clientId: ClientId;
  readonly grantId: GrantId | undefined;
  readonly scopes: readonly string[];
  /** undefined: an opaque token for /userinfo. */
  readonly resourceServer: ResourceServer | undefined;
  /** The token goes through a browser's address bar: the API's shorter lifetime holds. */
  readonly isFrontChannel: boolean;
  readonly grantType: 'client-credentials' | 'refresh_token' | undefined;
  /** RFC 9449: the key that the token is bound to; undefined: whoever holds it may use it. */
  readonly keyThumbprint: string | undefined;
  /** What scripts added; ours come after them. */
  readonly claims?: JsonObject | undefined;
  readonly now: Date;
};

export type MintedAccessToken = { readonly token: string; readonly expiresInSeconds: number };

export type IdTokenRequest = {
  readonly user: User;
  readonly client: Client;
  readonly scopes: readonly string[];
  readonly sid: string | undefined;
  readonly nonce: string | undefined;
  /** Set where the client asked for it: max_age or prompt=login. */
  readonly authenticatedAt: Date | undefined;
  /** Front channel: hashes of what travels beside it. */
  readonly accessToken?: string | undefined;
  readonly code?: string | undefined;
  /** What scripts added: over what is known of the person, under what makes it a token of ours. */
  readonly claims?: JsonObject | undefined;
  readonly now: Date;
};

export type Minter = {
  mintAccessToken(request: AccessTokenRequest): Promise<MintedAccessToken>;
  mintIdToken(request: IdTokenRequest): Promise<string>;
};

type SigningAlgorithm = Client['idTokenAlgorithm'];

/** Auth0: a token for /userinfo lives a day, two hours if it came through the browser. */
const opaqueLifetimeSeconds = 86_400;
const opaqueLifetimeForWebSeconds = 7_200;

type MinterDeps = {
  readonly keys: Keys;
  readonly secrets: TokenSecrets;
  readonly random: Random;
  readonly issuerUrl: string;
};

export function createMinter({ keys, secrets, random, issuerUrl }: MinterDeps): Minter {
  const userinfoUrl = `${issuerUrl}userinfo`;

  async function sign(
    claims: JsonObject,
    form: { readonly algorithm: SigningAlgorithm; readonly type: JwtType; readonly secret: KeyObject | undefined },
  ): Promise<string> {
    const { algorithm, type, secret } = form;
    if (algorithm !== 'HS256') return signJwt((await keys.read()).signing, claims, { algorithm, type });
    // A configuration that has been checked says so; nothing is signed with another key instead.
    if (secret === undefined) throw new Error('HS256 without a secret');
    return signJwtWithSecret(secret, claims, type);
  }

  return {
    async mintAccessToken(request) {
      const { resourceServer: api, scopes, now } = request;
      const expiresInSeconds = lifetimeOf(request);
      const common = {
        iss: issuerUrl,
        sub: request.subject,
        ...times(now, expiresInSeconds),
        ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
        ...(request.keyThumbprint === undefined ? {} : { cnf: { jkt: request.keyThumbprint } }),
      };
      if (api === undefined) {
        const token = sealOpaqueToken(await keys.read(), issuerUrl, {
          ...common,
          aud: userinfoUrl,
          azp: request.clientId,
          ...(request.grantId === undefined ? {} : { grant: request.grantId }),
        });
        return { token, expiresInSeconds };
      }
      const isForUserinfo = scopes.includes('openid') && mayUseUserinfo(api);
      const isStandard = api.tokenDialect.startsWith('rfc9068_profile');
      const claims: JsonObject = {
        ...request.claims,
        ...common,
        aud: isForUserinfo ? [api.identifier, userinfoUrl] : api.identifier,
        ...(isStandard
          ? { client_id: request.clientId, jti: random.id('') }
          : { azp: request.clientId, ...(request.grantType === undefined ? {} : { gty: request.grantType }) }),
        // Nobody has roles here, so nobody has permissions.
        ...(api.tokenDialect.endsWith('_authz') ? { permissions: [] } : {}),
      };
      const token = await sign(claims, {
        algorithm: api.signingAlgorithm,
        type: isStandard ? 'at+jwt' : 'JWT',
        secret: api.signingAlgorithm === 'HS256' ? secrets.ofResourceServer(api) : undefined,
      });
      return { token, expiresInSeconds };
    },

    async mintIdToken({ user, client, scopes, now, ...request }) {
      const claims: Record<string, Json> = {
        ...claimsFor(user, scopes),
        ...request.claims,
        sub: user.id,
        iss: issuerUrl,
        aud: client.id,
        ...times(now, client.idTokenLifetimeSeconds),
      };
      if (request.sid !== undefined) claims.sid = request.sid;
      if (request.nonce !== undefined) claims.nonce = request.nonce;
      if (request.authenticatedAt !== undefined) claims.auth_time = toEpochSeconds(request.authenticatedAt);
      if (request.accessToken !== undefined) claims.at_hash = halfHash(request.accessToken);
      if (request.code !== undefined) claims.c_hash = halfHash(request.code);
      const secret = client.idTokenAlgorithm === 'HS256' ? secrets.ofClient(client) : undefined;
      // A public client has nothing to verify HS256 with: RS256 is what everybody can verify.
      const isWithoutSecret = client.idTokenAlgorithm === 'HS256' && secret === undefined;
      return sign(claims, { algorithm: isWithoutSecret ? 'RS256' : client.idTokenAlgorithm, type: 'JWT', secret });
    },
  };
}

/**
 * An API that verifies with a secret can also sign with it. At /userinfo its tokens would let it speak for anybody, so they
 * are for the API alone.
 */
const mayUseUserinfo = ({ signingAlgorithm }: ResourceServer): boolean => signingAlgorithm !== 'HS256';

function lifetimeOf({ resourceServer: api, isFrontChannel }: AccessTokenRequest): number {
  if (api === undefined) return isFrontChannel ? opaqueLifetimeForWebSeconds : opaqueLifetimeSeconds;
  return isFrontChannel ? api.tokenLifetimeForWebSeconds : api.tokenLifetimeSeconds;
}

const times = (now: Date, lifetimeSeconds: number) => ({
  iat: toEpochSeconds(now),
  exp: toEpochSeconds(addSeconds(now, lifetimeSeconds)),
});

/** OpenID Connect Core §3.3.2.11: the left half of the hash that goes with the algorithm; all of ours end in 256. */
const halfHash = (value: string): string =>
  createHash('sha256').update(value).digest().subarray(0, 16).toString('base64url');
