import type { TenantScripts } from '../core/action.ts';
import { hasWildcard, isListed } from '../core/callback-url.ts';
import type { Client, ClientGrant, ResourceServer } from '../core/client.ts';
import type { Connection } from '../core/connection.ts';
import type { ClientId, ConnectionId } from '../core/ids.ts';
import { defaultTenantSettings, type TenantSettings } from '../core/tenant.ts';
import type { Store } from '../store/store.ts';
import type { Vault } from '../vault/vault.ts';
import { loadScripts } from './scripts.ts';

/*
 * tenant/: the tenant's configuration, opened and kept in memory: settings, clients, APIs, client grants, connections.
 *
 * Read as one immutable snapshot, so that one request never sees half of a change. A change by any broker drops the
 * snapshot; the next request reads a new one. It never writes.
 */

export type Snapshot = {
  readonly settings: TenantSettings;
  readonly clients: readonly Client[];
  readonly clientGrants: readonly ClientGrant[];
  readonly resourceServers: readonly ResourceServer[];
  readonly connections: readonly Connection[];
  findClient(id: string): Client | undefined;
  findResourceServer(identifier: string): ResourceServer | undefined;
  findClientGrant(clientId: ClientId, audience: string): ClientGrant | undefined;
  findConnection(id: ConnectionId): Connection | undefined;
  findConnectionByName(name: string): Connection | undefined;
  /** In the order in which they were created. */
  listConnectionsOf(clientId: ClientId): readonly Connection[];
  readonly scripts: TenantScripts;
  /** Whether some client or API has its tokens signed so. */
  signsWith(algorithm: Client['idTokenAlgorithm']): boolean;
  /** Whether some client's pages live at this origin. */
  isKnownOrigin(origin: string): boolean;
};

export type Directory = { read(): Promise<Snapshot> };

type DirectoryDeps = {
  readonly store: Pick<
    Store,
    | 'tenant'
    | 'clients'
    | 'clientGrants'
    | 'resourceServers'
    | 'connections'
    | 'actions'
    | 'rules'
    | 'tokenExchangeProfiles'
    | 'modules'
    | 'onConfigurationChanged'
  >;
  readonly vault: Vault;
};

export function createDirectory(deps: DirectoryDeps): Directory {
  let snapshot: Promise<Snapshot> | undefined;
  deps.store.onConfigurationChanged(() => {
    snapshot = undefined;
  });
  return {
    read() {
      if (snapshot !== undefined) return snapshot;
      const loading = load(deps);
      snapshot = loading;
      // A failed read is not kept: the next request tries again.
      loading.catch(() => {
        if (snapshot === loading) snapshot = undefined;
      });
      return loading;
    },
  };
}

async function load({ store, vault }: DirectoryDeps): Promise<Snapshot> {
  const [settings, clients, clientGrants, resourceServers, stored, scripts] = await Promise.all([
    store.tenant.find(),
    store.clients.list(),
    store.clientGrants.list(),
    store.resourceServers.list(),
    store.connections.list(),
    loadScripts({ store, vault }),
  ]);
  const connections = stored.map((connection) => vault.openConnection(connection));
  const clientsById = new Map<string, Client>(clients.map((client) => [client.id, client]));
  const grantsByKey = new Map(clientGrants.map((grant) => [`${grant.clientId} ${grant.audience}`, grant]));
  const resourceServersByIdentifier = new Map(resourceServers.map((api) => [api.identifier, api]));
  const connectionsById = new Map(connections.map((connection) => [connection.id, connection]));
  const connectionsByName = new Map(connections.map((connection) => [connection.name, connection]));
  const connectionsByClient = new Map<string, readonly Connection[]>(
    clients.map((client) => [
      client.id,
      connections.filter(({ enabledClients, isForSignIn }) => isForSignIn && enabledClients.has(client.id)),
    ]),
  );
  const algorithms = new Set<string>([
    ...clients.map(({ idTokenAlgorithm }) => idTokenAlgorithm),
    ...resourceServers.map(({ signingAlgorithm }) => signingAlgorithm),
  ]);
  const origins = [...new Set(clients.flatMap(originsOf))];
  const plainOrigins = new Set(origins.filter((origin) => !hasWildcard(origin)));
  const wildcardOrigins = origins.filter(hasWildcard);
  return {
    settings: settings ?? defaultTenantSettings,
    clients,
    clientGrants,
    resourceServers,
    connections,
    findClient: (id) => clientsById.get(id),
    findResourceServer: (identifier) => resourceServersByIdentifier.get(identifier),
    findClientGrant: (clientId, audience) => grantsByKey.get(`${clientId} ${audience}`),
    findConnection: (id) => connectionsById.get(id),
    findConnectionByName: (name) => connectionsByName.get(name),
    listConnectionsOf: (clientId) => connectionsByClient.get(clientId) ?? [],
    scripts,
    signsWith: (algorithm) => algorithms.has(algorithm),
    isKnownOrigin: (origin) => plainOrigins.has(origin) || isListed(wildcardOrigins, origin),
  };
}

/** Auth0: an application's callback, web and allowed origins may all call its endpoints from the browser. */
function originsOf(client: Client): string[] {
  return [...client.callbacks, ...client.webOrigins, ...client.allowedOrigins].flatMap((url) => {
    const parsed = URL.parse(url);
    return parsed !== null && parsed.origin !== 'null' ? [parsed.origin] : [];
  });
}
