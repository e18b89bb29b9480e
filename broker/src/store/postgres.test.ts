import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startPostgres, type TestPostgres } from '../../test/support/postgres.ts';
import { ConfigError } from '../core/errors.ts';
import { createPerson, later, sampleClient, sampleUser, sealed } from './conformance/samples.ts';
import { describeStore } from './conformance.ts';
import { openStore } from './open-store.ts';
import type { Store } from './store.ts';

let server: TestPostgres;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

describeStore('postgres', () => server.url());

describe('postgres', () => {
  let url: string;
  let store: Store;
  let admin: pg.Client;

  beforeAll(async () => {
    url = await server.url();
    store = await openStore({ url });
    admin = new pg.Client(url);
    await admin.connect();
  });
  afterAll(async () => {
    await store.close();
    await admin.end();
  });

  const endConnections = (which = 'true') =>
    admin.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and application_name = 'portico' and ${which}`,
    );
  const waitFor = async (isDone: () => Promise<boolean>): Promise<void> => {
    while (!(await isDone())) await new Promise((resolve) => setTimeout(resolve, 10));
  };
  const answers = () =>
    store.ping().then(
      () => true,
      () => false,
    );

  test('a store works again after all of its connections were lost', async () => {
    await store.write(store.users.create(sampleUser()));
    await endConnections();
    await waitFor(answers);
    const user = sampleUser();
    await store.write(store.users.create(user));
    expect(await store.users.find(user.id)).toEqual(user);
  });

  test('a unit of work whose connection is lost is unavailable, not done', async () => {
    const { user } = await createPerson(store);
    const newcomer = sampleUser();
    const holder = new pg.Client(url);
    await holder.connect();
    await holder.query('begin');
    await holder.query('select 1 from users where id = $1 for update', [user.id]);
    const login = {
      userId: user.id,
      at: later(1),
      attributes: { lost: true },
      userMetadata: undefined,
      appMetadata: undefined,
    };
    const unit = store.writeAll([store.users.create(newcomer), store.users.recordLogin(login)]);
    const refused = expect(unit).rejects.toMatchObject({ code: 'unavailable' });
    await waitFor(async () => ((await endConnections("wait_event_type = 'Lock'")).rowCount ?? 0) > 0);
    await refused;
    await holder.end();
    await waitFor(answers);
    expect(await store.users.find(user.id)).toEqual(user);
    expect(await store.users.find(newcomer.id)).toBeUndefined();
  });

  test('a listener that was cut off counts what it missed as a change', async () => {
    const heard = new Promise<void>((resolve) => store.onConfigurationChanged(resolve));
    await endConnections("query like 'listen %'");
    await heard;
    await waitFor(answers);
  });

  test('a lock is free again when the broker that held it has died', async () => {
    const other = await openStore({ url });
    let isTaken = () => {};
    const taken = new Promise<void>((resolve) => {
      isTaken = resolve;
    });
    let finish = () => {};
    const holding = other.exclusively('work', () => {
      isTaken();
      return new Promise<void>((resolve) => {
        finish = resolve;
      });
    });
    await taken;
    const waiting = store.exclusively('work', async () => 'mine');
    await endConnections("query like '%advisory_lock%' and state = 'idle' and query not like '%xact%'");
    expect(await waiting.catch(() => store.exclusively('work', async () => 'mine'))).toBe('mine');
    finish();
    await holding;
    await other.close();
    await waitFor(answers);
  });

  test('a statement first used in a unit that fails is usable afterwards, also by those who were behind it', async () => {
    const fresh = await openStore({ url });
    const { connection, user } = await createPerson(store);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 40 }, (_, index) =>
        fresh.writeAll([
          fresh.users.create(index % 2 === 0 ? user : sampleUser()),
          fresh.clients.create(sampleClient()),
          fresh.connections.disableClient(connection.id, sampleClient().id),
        ]),
      ),
    );
    const codes = outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason.code : 'done'));
    expect(codes).toEqual(outcomes.map((_, index) => (index % 2 === 0 ? 'conflict' : 'done')));
    await fresh.close();
  });

  test('units that lock each other out are repeated until both are done', async () => {
    const [first, second] = [await createPerson(store), await createPerson(store)];
    const put = ({ connection, identity }: typeof first, byte: number) =>
      store.identities.putTokenset(connection.id, identity.upstreamUserId, sealed(byte));
    await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        store.writeAll(
          index % 2 === 0 ? [put(first, index), put(second, index)] : [put(second, index), put(first, index)],
        ),
      ),
    );
    const tokensets = await Promise.all(
      [first, second].map(({ connection, identity }) => store.identities.find(connection.id, identity.upstreamUserId)),
    );
    expect(tokensets[0]?.sealedTokenset).toEqual(tokensets[1]?.sealedTokenset);
  });

  test('a schema newer than the program is refused and left as it is', async () => {
    const newer = await server.url();
    await (await openStore({ url: newer })).close();
    const client = new pg.Client(newer);
    await client.connect();
    await client.query('drop table logs');
    await client.query('update schema_version set version = 999');
    const refused = openStore({ url: newer });
    await expect(refused).rejects.toThrow(ConfigError);
    await expect(refused).rejects.toThrow(/schema version 999.*newer Portico/);
    expect((await client.query("select to_regclass('logs') as logs")).rows).toEqual([{ logs: null }]);
    await client.end();
  });

  test('a database that cannot be reached or used is named without its password', async () => {
    const { port } = new URL(url);
    for (const wrong of [
      'postgres://portico:hidden@127.0.0.1:1/portico',
      `postgres://postgres:hidden@127.0.0.1:${port}/nothing`,
      'postgres://portico:hidden@[::bad/portico',
    ]) {
      const error: unknown = await openStore({ url: wrong }).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(ConfigError);
      expect(String(error)).toMatch(/database|DATABASE_URL/);
      expect(`${error} ${JSON.stringify(error)}`).not.toContain('hidden');
    }
  });

  test('commits wait for the disk although the role has that switched off', async () => {
    const durable = await server.url();
    const client = new pg.Client(durable);
    await client.connect();
    await client.query(
      `alter database ${client.escapeIdentifier(new URL(durable).pathname.slice(1))} set synchronous_commit = off`,
    );
    await client.end();
    const { createLink } = await import('./postgres/link.ts');
    const { requireDurability, toCreateClient } = await import('./postgres/client.ts');
    const link = createLink({ createClient: toCreateClient(durable), prepare: requireDurability, onError: () => {} });
    const { rows } = await (await link.get()).query('show synchronous_commit');
    expect(rows).toEqual([{ synchronous_commit: 'on' }]);
    await link.close();
  });
});
