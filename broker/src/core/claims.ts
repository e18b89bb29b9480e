import type { Json, JsonObject } from './json.ts';
import type { User } from './user.ts';

/** Auth0: what the `profile` scope covers. */
const profileClaims = ['name', 'nickname', 'given_name', 'family_name', 'middle_name', 'picture'] as const;

/** Claims about a person that the granted scopes cover, for ID tokens and /userinfo; `sub` is always there. */
export function claimsFor(user: User, scopes: readonly string[]): JsonObject {
  const claims: Record<string, Json> = { sub: user.id };
  if (scopes.includes('profile')) {
    for (const name of profileClaims) {
      const value = user.attributes[name];
      if (value !== undefined && value !== null) claims[name] = value;
    }
    claims.updated_at = user.updatedAt.toISOString();
  }
  const { email } = user.attributes;
  if (scopes.includes('email') && typeof email === 'string') {
    claims.email = email;
    claims.email_verified = user.attributes.email_verified === true;
  }
  if (scopes.includes('user_metadata')) claims.user_metadata = user.userMetadata;
  return claims;
}
