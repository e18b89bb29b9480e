import { createHash, createSecretKey } from 'node:crypto';
import { claimsFor } from '../core/claims.ts';
import type { Client, ResourceServer } from '../core/client.ts';
import { addSeconds, toEpochSeconds } from '../core/clock.ts';
import type { ClientId, GrantId, UserId } from '../core/ids.ts';
import type { Json, JsonObject } from '../core/json.ts';
import type { User } from '../core/user.ts';
import type { Vault } from '../vault/vault.ts';
import { signJwt, signJwtWithSecret } from './jwt.ts';
import type { Keys } from './keys.ts';
import { sealOpaqueToken } from './opaque-token.ts';

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

/** Auth0: a token for /userinfo lives a day, two hours if it came through the browser. */
const opaqueLifetimeSeconds = 86_400;
const opaqueLifetimeForWebSeconds = 7_200;

export function createMinter(deps: { readonly keys: Keys; readonly vault: Vault; readonly issuerUrl: string }): Minter {
  const { keys, vault, issuerUrl } = deps;
  const userinfoUrl = `${issuerUrl}userinfo`;
  return {
    async mintAccessToken(request) {
      const keySet = await keys.read();
      const { resourceServer: api, scopes, now } = request;
      const expiresInSeconds = lifetimeOf(request);
      const common = {
        iss: issuerUrl,
        sub: request.subject,
        ...times(now, expiresInSeconds),
        ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
      };
      if (api === undefined) {
        const token = sealOpaqueToken(keySet, issuerUrl, {
          ...common,
          aud: userinfoUrl,
          azp: request.clientId,
          ...(request.grantId === undefined ? {} : { grant: request.grantId }),
        });
        return { token, expiresInSeconds };
      }
      const claims: JsonObject = {
        ...request.claims,
        ...common,
        aud: scopes.includes('openid') ? [api.identifier, userinfoUrl] : api.identifier,
        azp: request.clientId,
        ...(request.grantType === undefined ? {} : { gty: request.grantType }),
      };
      return { token: await signJwt(keySet.signing, claims), expiresInSeconds };
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
      if (client.idTokenAlgorithm === 'HS256' && client.sealedSecret !== undefined) {
        const secret = vault.openClientSecret(client.id, client.sealedSecret);
        return signJwtWithSecret(createSecretKey(secret, 'utf8'), claims);
      }
      return signJwt((await keys.read()).signing, claims);
    },
  };
}

function lifetimeOf({ resourceServer: api, isFrontChannel }: AccessTokenRequest): number {
  if (api === undefined) return isFrontChannel ? opaqueLifetimeForWebSeconds : opaqueLifetimeSeconds;
  return isFrontChannel ? api.tokenLifetimeForWebSeconds : api.tokenLifetimeSeconds;
}

const times = (now: Date, lifetimeSeconds: number) => ({
  iat: toEpochSeconds(now),
  exp: toEpochSeconds(addSeconds(now, lifetimeSeconds)),
});

/** OpenID Connect Core §3.3.2.11: the left half of the hash. */
const halfHash = (value: string): string =>
  createHash('sha256').update(value).digest().subarray(0, 16).toString('base64url');
