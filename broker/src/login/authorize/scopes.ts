import { mayHaveTokens, noTokensFor } from '../../core/api-policy.ts';
import type { Client, ResourceServer } from '../../core/client.ts';
import { OAuthError } from '../../core/errors.ts';
import { currentUserScopes, ownScopes, parseScopes } from '../../core/scope.ts';
import type { Snapshot } from '../../tenant/directory.ts';
import type { ResponseType } from './response-type.ts';

/** The API that the access token is for; undefined: /userinfo only. */
export function findAudience(tenant: Snapshot, sent: string | undefined): ResourceServer | undefined {
  const audience = sent === undefined || sent === '' ? tenant.settings.defaultAudience : sent;
  if (audience === undefined) return undefined;
  const resourceServer = tenant.findResourceServer(audience);
  if (resourceServer !== undefined) {
    if (mayHaveTokens(resourceServer, 'user')) return resourceServer;
    throw new OAuthError('access_denied', noTokensFor(resourceServer));
  }
  throw new OAuthError('access_denied', `Service not found: ${audience.slice(0, 256)}`);
}

/** Auth0: what is not known is left out without a word; what is left is granted. */
export function grantScopes(
  text: string | undefined,
  of: {
    readonly client: Client;
    readonly resourceServer: ResourceServer | undefined;
    readonly responseType: ResponseType;
  },
): readonly string[] {
  const asked = parseScopes(text);
  if (asked.includes('online_access') && asked.includes('offline_access')) {
    throw new OAuthError('invalid_request', 'Cannot request both online_access and offline_access scopes');
  }
  const known = knownScopes(of);
  return asked.filter((scope) => {
    if (scope === 'offline_access') return mayStayOffline(of);
    return ownScopes.has(scope) || known.has(scope);
  });
}

function knownScopes({ client, resourceServer }: Parameters<typeof grantScopes>[1]): ReadonlySet<string> {
  if (resourceServer?.isSystem !== true) return new Set(resourceServer?.scopes.map(({ value }) => value));
  return client.isFirstParty ? currentUserScopes : new Set();
}

/** First-party clients need no consent for it, but the grant, a code, and an API that allows it. */
function mayStayOffline({ client, resourceServer, responseType }: Parameters<typeof grantScopes>[1]): boolean {
  if (!responseType.code || !client.grantTypes.includes('refresh_token')) return false;
  // Auth0, and RFC 9700 §2.2.2: what a browser keeps must rotate, or nobody would notice that it was copied.
  if (client.appType === 'spa' && client.refreshToken.rotation !== 'rotating') return false;
  return resourceServer === undefined || resourceServer.allowsOfflineAccess;
}
