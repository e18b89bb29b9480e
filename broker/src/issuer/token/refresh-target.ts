import type { Client, ResourceServer } from '../../core/client.ts';
import { ownScopes, parseScopes } from '../../core/scope.ts';
import type { RefreshToken } from '../../core/session.ts';
import type { Snapshot } from '../../tenant/directory.ts';
import { invalidRefreshToken } from './invalid-refresh-token.ts';
import { resourceServerOf } from './issue-tokens.ts';

export type RefreshTarget = {
  readonly resourceServer: ResourceServer | undefined;
  readonly scopes: readonly string[];
};

type Asked = { readonly audience?: string | undefined; readonly scope?: string | undefined };

/**
 * What a refresh is for: the audience that the token was given for, or one that a policy of its client adds. Auth0's
 * libraries repeat the scopes they first asked for; what was not granted is left out, never added.
 */
export function targetOf(tenant: Snapshot, client: Client, token: RefreshToken, asked: Asked): RefreshTarget {
  const { audience = token.audience } = asked;
  const policy = client.refreshToken.policies.find((each) => each.audience === asked.audience);
  // The answer's text lets Auth0's libraries fall back to a silent sign-in.
  if (audience !== token.audience && policy === undefined) throw invalidRefreshToken('asked for another audience');
  const resourceServer = resourceServerOf(tenant, audience);
  const isOwn = audience === token.audience;
  const known = new Set(resourceServer?.scopes.map(({ value }) => value));
  const added = (policy?.scopes ?? []).filter((scope) => known.has(scope));
  const granted = isOwn ? token.scopes : token.scopes.filter((scope) => ownScopes.has(scope));
  if (asked.scope === undefined) return { resourceServer, scopes: isOwn ? granted : unite(granted, added) };
  const wanted = new Set(parseScopes(asked.scope));
  return { resourceServer, scopes: unite(granted, added).filter((scope) => wanted.has(scope)) };
}

const unite = (first: readonly string[], second: readonly string[]): readonly string[] => [
  ...new Set([...first, ...second]),
];
