import type { Client, ResourceServer } from '../../core/client.ts';
import { ownScopes, parseScopes } from '../../core/scope.ts';

/** Of what was asked, what a client may have without a browser: ours and the API's; offline_access as at /authorize. */
export function grantableScopes(
  asked: string | undefined,
  client: Client,
  resourceServer: ResourceServer | undefined,
): readonly string[] {
  const known = new Set(resourceServer?.scopes.map(({ value }) => value));
  return parseScopes(asked).filter((scope) =>
    scope === 'offline_access' ? mayStayOffline(client, resourceServer) : ownScopes.has(scope) || known.has(scope),
  );
}

function mayStayOffline(client: Client, resourceServer: ResourceServer | undefined): boolean {
  if (!client.grantTypes.includes('refresh_token')) return false;
  if (client.appType === 'spa' && client.refreshToken.rotation !== 'rotating') return false;
  return resourceServer === undefined || resourceServer.allowsOfflineAccess;
}
