import type { Client } from '../../core/client.ts';
import { OAuthError } from '../../core/errors.ts';
import type { UserId } from '../../core/ids.ts';
import type { User } from '../../core/user.ts';
import { verifyOwnJwt } from '../../issuer/jwt.ts';
import type { Keys } from '../../issuer/keys.ts';

/**
 * OpenID Connect Core §3.1.2.1: whom the application expects, by an ID token that we gave it once; it may have expired.
 * undefined: nobody in particular. Tokens that are signed with the client's own secret prove nothing here.
 */
export async function readHint(
  { keys, issuerUrl }: { readonly keys: Keys; readonly issuerUrl: string },
  client: Client,
  hint: string | undefined,
): Promise<UserId | undefined> {
  if (hint === undefined || client.idTokenAlgorithm === 'HS256') return undefined;
  const claims = verifyOwnJwt(await keys.read(), hint);
  if (claims?.iss !== issuerUrl || claims.aud !== client.id || typeof claims.sub !== 'string') {
    throw new OAuthError('invalid_request', 'The id_token_hint is not valid');
  }
  return claims.sub as UserId;
}

/** false: somebody else is there than the application expects. */
export const isExpected = (hinted: UserId | undefined, { id }: User): boolean => hinted === undefined || hinted === id;
