import { expect, test } from 'vitest';
import type { ClientId, ConnectionId } from '../../core/ids.ts';
import { defaultTenantSettings } from '../../core/tenant.ts';
import {
  createPerson,
  later,
  now,
  sampleClient,
  sampleClientGrant,
  sampleCode,
  sampleConnection,
  sampleIdentity,
  sampleKey,
  sampleRefreshToken,
  sampleResourceServer,
  sampleSession,
  sampleUser,
  sealed,
} from './samples.ts';
import type { Subject } from './subject.ts';

export function configurationTests(subject: Subject): void {
  test('tenant settings are kept; the last ones win', async () => {
    const { store } = subject;
    expect(await store.tenant.find()).toBeUndefined();
    await store.write(store.tenant.put(defaultTenantSettings));
    const settings = { ...defaultTenantSettings, friendlyName: 'Ünï', extra: { flags: { legacy: true } } };
    await store.write(store.tenant.put(settings));
    expect(await store.tenant.find()).toEqual(settings);
  });

  test('a client comes back as it was kept, byte for byte', async () => {
    const { store } = subject;
    const client = sampleClient();
    await store.write(store.clients.create(client));
    expect(await store.clients.find(client.id)).toEqual(client);
    const changed = { ...client, name: 'Changed', sealedSecret: undefined, updatedAt: later(1) };
    await store.write(store.clients.update(changed));
    expect(await store.clients.find(client.id)).toEqual(changed);
    expect(await store.clients.list()).toContainEqual(changed);
    expect(await store.clients.find('nobody' as ClientId)).toBeUndefined();
  });

  test('creating what exists and updating what does not is a conflict', async () => {
    const { store } = subject;
    const client = sampleClient();
    await store.write(store.clients.create(client));
    const resourceServer = sampleResourceServer();
    await store.write(store.resourceServers.create(resourceServer));
    const grant = sampleClientGrant(client.id);
    await store.write(store.clientGrants.create(grant));
    const connection = sampleConnection();
    await store.write(store.connections.create(connection));
    for (const write of [
      store.clients.create(client),
      store.clients.update(sampleClient()),
      store.resourceServers.create({ ...sampleResourceServer(), identifier: resourceServer.identifier }),
      store.resourceServers.update(sampleResourceServer()),
      store.clientGrants.create({ ...grant, id: 'cgr_other' }),
      store.clientGrants.create(sampleClientGrant('nobody' as ClientId)),
      store.clientGrants.update({ ...grant, id: 'cgr_missing' }),
      store.connections.create({ ...sampleConnection(), name: connection.name }),
      store.connections.update(sampleConnection()),
      store.keys.setState(sampleKey().id, 'current', now),
    ]) {
      await expect(store.write(write)).rejects.toMatchObject({ code: 'conflict' });
    }
  });

  test('client grants are created, updated, deleted, and go with their client', async () => {
    const { store } = subject;
    const client = sampleClient();
    await store.write(store.clients.create(client));
    const grant = sampleClientGrant(client.id);
    await store.write(store.clientGrants.create(grant));
    const changed = { ...grant, scopes: [] };
    await store.write(store.clientGrants.update(changed));
    expect(await store.clientGrants.list()).toContainEqual(changed);
    expect(await store.write(store.clientGrants.delete(grant.id))).toBe(true);
    expect(await store.write(store.clientGrants.delete(grant.id))).toBe(false);
    await store.write(store.clientGrants.create(grant));
    expect(await store.write(store.clients.delete(client.id))).toBe(true);
    expect(await store.clientGrants.list()).not.toContainEqual(grant);
  });

  test('a deleted client is disabled everywhere and its refresh tokens are gone', async () => {
    const { store } = subject;
    const { connection, user } = await createPerson(store);
    const client = sampleClient();
    const token = sampleRefreshToken(user.id, connection.id, { clientId: client.id });
    await store.writeAll([
      store.clients.create(client),
      store.connections.enableClient(connection.id, client.id),
      store.refreshTokens.create(token),
    ]);
    expect(await store.write(store.clients.delete(client.id))).toBe(true);
    expect(await store.write(store.clients.delete(client.id))).toBe(false);
    expect((await store.connections.find(connection.id))?.enabledClients).toEqual(new Set());
    expect(await store.refreshTokens.find(token.tokenHash)).toBeUndefined();
  });

  test('resource servers are created, updated and deleted', async () => {
    const { store } = subject;
    const resourceServer = sampleResourceServer();
    await store.write(store.resourceServers.create(resourceServer));
    const changed = { ...resourceServer, name: 'Changed', allowsOfflineAccess: false };
    await store.write(store.resourceServers.update(changed));
    expect(await store.resourceServers.list()).toContainEqual(changed);
    expect(await store.write(store.resourceServers.delete(changed.id))).toBe(true);
    expect(await store.write(store.resourceServers.delete(changed.id))).toBe(false);
  });

  test('keys change their state and are deleted', async () => {
    const { store } = subject;
    const key = sampleKey();
    await store.write(store.keys.create(key));
    await store.write(store.keys.setState(key.id, 'current', now));
    const current = { ...key, state: 'current', currentSince: now } as const;
    expect(await store.keys.list()).toContainEqual(current);
    await store.write(store.keys.setState(key.id, 'previous', later(9)));
    expect(await store.keys.list()).toContainEqual({ ...current, state: 'previous', currentUntil: later(9) });
    expect(await store.write(store.keys.delete(key.id))).toBe(true);
    expect(await store.write(store.keys.delete(key.id))).toBe(false);
  });

  test('a connection comes back with the clients it is enabled for', async () => {
    const { store } = subject;
    const enabledClients = new Set(['client_a', 'client_b'] as ClientId[]);
    const connection = sampleConnection({ enabledClients });
    await store.write(store.connections.create(connection));
    expect(await store.connections.find(connection.id)).toEqual(connection);
    const changed = {
      ...connection,
      displayName: 'Changed',
      sealedOptions: sealed(7),
      enabledClients: new Set(['client_b', 'client_c'] as ClientId[]),
    };
    await store.write(store.connections.update(changed));
    expect(await store.connections.find(connection.id)).toEqual(changed);
    expect(await store.connections.list()).toContainEqual(changed);
    expect(await store.connections.find('nothing' as ConnectionId)).toBeUndefined();
  });

  test('what a connection has been is kept, newest first, as many times as is said, and goes with it', async () => {
    const { store } = subject;
    const connection = sampleConnection({ isForSignIn: false, extra: { realms: ['é'] } });
    await store.write(store.connections.create(connection));
    expect(await store.connections.find(connection.id)).toEqual(connection);
    const version = (number: number) => ({
      connectionId: connection.id,
      number,
      at: now,
      actor: 'admin@clients',
      sealedContent: sealed(number, 0, 255),
    });
    for (const number of [1, 2, 3]) await store.write(store.connectionVersions.create(version(number), 2));
    await expect(store.write(store.connectionVersions.create(version(3), 2))).rejects.toMatchObject({
      code: 'conflict',
    });
    expect(await store.connectionVersions.list(connection.id, 10)).toEqual([version(3), version(2)]);
    expect(await store.connectionVersions.list(connection.id, 1)).toEqual([version(3)]);
    await store.write(store.connections.delete(connection.id));
    expect(await store.connectionVersions.list(connection.id, 10)).toEqual([]);
  });

  test('clients enabled and disabled in parallel are all kept', async () => {
    const { store } = subject;
    const clientIds = Array.from({ length: 20 }, (_, index) => `client_${index}` as ClientId);
    const connection = sampleConnection({ enabledClients: new Set(['client_gone' as ClientId]) });
    await store.write(store.connections.create(connection));
    await Promise.all([
      ...[...clientIds, ...clientIds].map((id) => store.write(store.connections.enableClient(connection.id, id))),
      store.write(store.connections.disableClient(connection.id, 'client_gone' as ClientId)),
    ]);
    expect((await store.connections.find(connection.id))?.enabledClients).toEqual(new Set(clientIds));
  });

  test('enabling a client for a connection that is gone is a conflict', async () => {
    const { store } = subject;
    const write = store.connections.enableClient('nothing' as ConnectionId, 'client' as ClientId);
    await expect(store.write(write)).rejects.toMatchObject({ code: 'conflict' });
  });

  test('a deleted connection takes those with it who came in through it alone, and nobody else', async () => {
    const { store } = subject;
    const { connection, user, identity } = await createPerson(store);
    const other = await createPerson(store);
    const linked = sampleUser();
    await store.writeAll([
      store.users.create(linked),
      store.identities.create(sampleIdentity(connection.id, linked.id)),
      store.identities.create(sampleIdentity(other.connection.id, linked.id)),
    ]);
    const gone = sampleSession(linked.id, connection.id);
    const kept = sampleSession(linked.id, other.connection.id);
    const goneToken = sampleRefreshToken(linked.id, connection.id);
    const keptToken = sampleRefreshToken(linked.id, other.connection.id);
    const goneCode = sampleCode(linked.id, connection.id);
    await store.writeAll([
      store.sessions.create(gone),
      store.sessions.create(kept),
      store.refreshTokens.create(goneToken),
      store.refreshTokens.create(keptToken),
      store.codes.create(goneCode),
      store.sessions.create(sampleSession(user.id, connection.id)),
    ]);

    expect(await store.write(store.connections.delete(connection.id))).toBe(true);
    expect(await store.write(store.connections.delete(connection.id))).toBe(false);

    expect(await store.connections.find(connection.id)).toBeUndefined();
    expect(await store.users.find(user.id)).toBeUndefined();
    expect(await store.identities.find(connection.id, identity.upstreamUserId)).toBeUndefined();
    expect(await store.users.find(linked.id)).toEqual(linked);
    expect(await store.users.find(other.user.id)).toEqual(other.user);
    expect((await store.identities.listByUser(linked.id)).map(({ connectionId }) => connectionId)).toEqual([
      other.connection.id,
    ]);
    expect(await store.sessions.find(gone.handleHash)).toBeUndefined();
    expect(await store.sessions.find(kept.handleHash)).toEqual(kept);
    expect(await store.refreshTokens.find(goneToken.tokenHash)).toBeUndefined();
    expect(await store.refreshTokens.find(keptToken.tokenHash)).toEqual(keptToken);
    expect(await store.codes.find(goneCode.codeHash)).toBeUndefined();
  });
}
