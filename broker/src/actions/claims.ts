import type { ResourceServer } from '../core/client.ts';
import type { JsonObject } from '../core/json.ts';
import { isDangerousKey } from '../core/profile-tokens.ts';

/** Auth0: names that a token's issuer keeps for itself. A script that sets one is not told: the claim is left out. */
const restricted: ReadonlySet<string> = new Set(
  (
    'acr act active amr at_hash ath attest aud auth_time authorization_details azp c_hash client_id cnf cty dest ' +
    'entitlements events exp groups gty htm htu iat internalService iss jcard jku jti jwe jwk kid may_act mky nbf nonce ' +
    'object_id org_id org_name orig origid permissions roles rph s_hash scope sid sub sub_jwk toe txn typ uuid vot vtm ' +
    'x5t#S256'
  ).split(' '),
);

const foreignNamespace =
  /^(?:https?:\/\/(?:[^/]*[.@])?(?:auth0\.com|webtask\.io|webtask\.run)(?:[/:?#]|$)|urn:auth0(?::|$))/i;

/** Auth0: a standard claim that the granted scopes do not cover is left out, whoever sets it. */
const scopeOf: Readonly<Record<string, string>> = {
  name: 'profile',
  nickname: 'profile',
  given_name: 'profile',
  family_name: 'profile',
  middle_name: 'profile',
  picture: 'profile',
  updated_at: 'profile',
  email: 'email',
  email_verified: 'email',
};

/** A script may set a claim of this name in some token of ours. */
export const mayBeClaim = (name: string): boolean =>
  !restricted.has(name) && !name.startsWith('sip_') && !foreignNamespace.test(name) && !isDangerousKey(name);

export const idTokenClaims = (claims: JsonObject, scopes: readonly string[]): JsonObject =>
  pick(claims, (name) => {
    const scope = Object.hasOwn(scopeOf, name) ? scopeOf[name] : undefined;
    return scope === undefined || scopes.includes(scope);
  });

/** Auth0: tokens for its own APIs carry namespaced claims only. An opaque token for /userinfo shows none to anybody. */
export const accessTokenClaims = (claims: JsonObject, resourceServer: ResourceServer | undefined): JsonObject =>
  resourceServer === undefined ? {} : pick(claims, (name) => !resourceServer.isSystem || /^[a-z][\w+.-]*:/i.test(name));

const pick = (claims: JsonObject, isKept: (name: string) => boolean): JsonObject =>
  Object.fromEntries(Object.entries(claims).filter(([name]) => isKept(name)));
