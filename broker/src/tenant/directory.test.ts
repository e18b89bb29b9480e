import { afterEach, expect, test } from 'vitest';
import type { ClientId, ConnectionId } from '../core/ids.ts';
import { openStore } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';
import { parseKeyring } from '../vault/keyring.ts';
import { createVault } from '../vault/vault.ts';
import { clientFromWire } from '../wire/management/clients.ts';
import { connectionFromWire } from '../wire/management/connections.ts';
import { createDirectory } from './directory.ts';

const parsed = parseKeyring(`k1:${Buffer.from([...Array(32).keys()]).toString('base64')}`);
if (!('keyring' in parsed)) throw new Error('a bad keyring');
const vault = createVault(parsed);
const now = new Date(0);

let store: Store | undefined;
afterEach(() => store?.close());

const client = (id: string, more: object = {}) =>
  clientFromWire({ client_id: id, name: id, ...more }, { secretHash: undefined, sealedSecret: undefined, now });

const connection = (name: string) => {
  const id = `con_${name.padEnd(16, '0')}` as ConnectionId;
  const wire = { name, strategy: 'oauth2', options: { client_secret: `secret of ${name}` } } as const;
  return vault.sealConnection(connectionFromWire(wire, { id, now }));
};

async function open() {
  store = await openStore({ url: 'sqlite::memory:' });
  return { store, directory: createDirectory({ store, vault }) };
}

test('one snapshot serves until something changes, and stays as it was for those who hold it', async () => {
  const { store, directory } = await open();
  const first = await directory.read();
  expect(await directory.read()).toBe(first);
  await store.write(store.clients.create(client('app')));
  const second = await directory.read();
  expect([first.findClient('app'), second.findClient('app')?.id]).toEqual([undefined, 'app']);
});

test('connections are opened, found by id and name, and listed for their clients only, in order of creation', async () => {
  const { store, directory } = await open();
  const [zeta, alpha] = [connection('zeta'), connection('alpha')];
  await store.writeAll([
    store.clients.create(client('app')),
    store.clients.create(client('other')),
    store.connections.create({ ...zeta, createdAt: new Date(1) }),
    store.connections.create({ ...alpha, createdAt: new Date(2) }),
    store.connections.enableClient(zeta.id, 'app' as ClientId),
    store.connections.enableClient(alpha.id, 'app' as ClientId),
    store.connections.enableClient(alpha.id, 'other' as ClientId),
  ]);
  const tenant = await directory.read();
  expect(tenant.findConnection(zeta.id)?.options.client_secret).toBe('secret of zeta');
  expect(tenant.findConnectionByName('alpha')?.id).toBe(alpha.id);
  expect(tenant.listConnectionsOf('app' as ClientId).map(({ name }) => name)).toEqual(['zeta', 'alpha']);
  expect(tenant.listConnectionsOf('other' as ClientId).map(({ name }) => name)).toEqual(['alpha']);
  expect(tenant.listConnectionsOf('nobody' as ClientId)).toEqual([]);

  await store.write(store.connections.disableClient(zeta.id, 'app' as ClientId));
  const after = await directory.read();
  expect(after.listConnectionsOf('app' as ClientId).map(({ name }) => name)).toEqual(['alpha']);
});

test('the origins of callbacks, web origins and allowed origins are known, custom schemes have none', async () => {
  const { store, directory } = await open();
  const addresses = {
    callbacks: ['https://a.example.com/callback?x=1', 'com.example.app://callback'],
    web_origins: ['https://b.example.com'],
    allowed_origins: ['http://localhost:4200'],
  };
  await store.write(store.clients.create(client('app', addresses)));
  const tenant = await directory.read();
  const known = ['https://a.example.com', 'https://b.example.com', 'http://localhost:4200'];
  for (const origin of known) expect(tenant.isKnownOrigin(origin)).toBe(true);
  const unknown = [
    'https://a.example.com:8443',
    'http://a.example.com',
    'https://example.com',
    'null',
    '',
    'com.example.app://callback',
  ];
  for (const origin of unknown) expect(tenant.isKnownOrigin(origin), origin).toBe(false);
});

test('a read that failed is not kept', async () => {
  const { store } = await open();
  let failures = 1;
  const shaky = createDirectory({
    vault,
    store: {
      ...store,
      tenant: {
        ...store.tenant,
        find: async () => {
          if (failures > 0) {
            failures -= 1;
            throw new Error('the database is away');
          }
          return store.tenant.find();
        },
      },
    },
  });
  await expect(shaky.read()).rejects.toThrow('the database is away');
  expect((await shaky.read()).settings.friendlyName).toBe('Portico');
});

test('a wildcard makes every origin that it stands for known, and no other', async () => {
  const { store, directory } = await open();
  await store.write(store.clients.create(client('app', { callbacks: ['https://pr-*.example.com/callback'] })));
  const tenant = await directory.read();
  expect(tenant.isKnownOrigin('https://pr-7.example.com')).toBe(true);
  for (const origin of ['https://pr-7.x.example.com', 'https://pr-7.example.com.evil.com', 'http://pr-7.example.com']) {
    expect(tenant.isKnownOrigin(origin), origin).toBe(false);
  }
});
