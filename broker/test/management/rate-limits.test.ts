import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Broker, freePort, startBroker } from '../support/broker.ts';
import { databases, useDatabase, useWorld } from '../support/databases.ts';
import { addAdmin, apiWith, createApi } from '../support/management.ts';
import { startWorld, type World } from '../support/world.ts';

describe.each(databases)('rate limits of the Management API on %s', (database) => {
  const getWorld = useWorld(
    {
      change(seed, issuerUrl) {
        addAdmin(seed, issuerUrl, ['read:clients']);
        seed.clients.push({ client_id: 'other', client_secret: 'other-secret-0123456789', name: 'Other' });
      },
      environment: { PORTICO_MANAGEMENT_RATE: '1' },
    },
    database,
  );

  test('each answer tells what is left; past the burst it is 429 with the time to wait, until tokens are back', async () => {
    const api = await createApi(getWorld());
    const { clock } = getWorld().broker;
    const before = Math.floor(clock.now().getTime() / 1000);
    const first = await api.call('GET', '/clients');
    expect(first).toMatchObject({
      status: 200,
      headers: { 'x-ratelimit-limit': '3', 'x-ratelimit-remaining': '2' },
    });
    expect(Number(first.headers['x-ratelimit-reset'])).toBeGreaterThan(before);
    expect((await api.call('GET', '/connections')).headers, 'of a refusal').toMatchObject({
      'x-ratelimit-limit': '3',
    });
    const rest = await Promise.all(Array.from({ length: 20 }, () => api.call('GET', '/clients')));
    const refused = rest.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(10);
    expect(refused[0]).toMatchObject({
      headers: { 'retry-after': '1', 'x-ratelimit-remaining': '0' },
      body: {
        statusCode: 429,
        error: 'Too Many Requests',
        message: 'Global limit has been reached',
        errorCode: 'too_many_requests',
      },
    });
    const told = async () =>
      (await getWorld().broker.store.logs.list(100))
        .filter(({ type }) => type.startsWith('api_limit'))
        .map(({ type, clientId }) => [type, clientId]);
    expect(await told(), 'once, however often').toEqual([
      ['api_limit', 'admin'],
      ['api_limit_warning', 'admin'],
    ]);
    clock.advance(5);
    expect((await api.call('GET', '/clients')).status).toBe(200);
    clock.advance(60);
    await Promise.all(Array.from({ length: 20 }, () => api.call('GET', '/clients')));
    expect(await told(), 'a minute later').toHaveLength(4);
  });
});

describe('rate limits of the Management API', () => {
  const getWorld = useWorld({ change: (seed, issuerUrl) => addAdmin(seed, issuerUrl, ['read:clients']) });

  test('the defaults let a tool through that asks a hundred times at once', async () => {
    const api = await createApi(getWorld());
    const answers = await Promise.all(Array.from({ length: 100 }, () => api.call('GET', '/clients')));
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  });
});

describe.each(databases)('rate limits of two brokers on one %s database', (database) => {
  const server = useDatabase(database);
  let world: World;
  let other: Broker;
  const directory = mkdtempSync(join(tmpdir(), 'portico-two-'));
  beforeAll(async () => {
    const [port, otherPort] = [await freePort(), await freePort()];
    const databaseUrl = (await server.url()) ?? `sqlite:${join(directory, 'portico.db')}`;
    const environment = {
      PORTICO_SEALING_KEYS: `t1:${randomBytes(32).toString('base64')}`,
      PORTICO_ISSUER: `http://localhost:${port}/`,
      // Sixty at once, which brokers fetch six by six.
      PORTICO_MANAGEMENT_RATE: '20',
    };
    world = await startWorld({
      databaseUrl,
      environment: { ...environment, PORTICO_PORT: String(port) },
      change: (seed, issuerUrl) => addAdmin(seed, issuerUrl, ['read:clients']),
    });
    other = await startBroker({ databaseUrl, environment: { ...environment, PORTICO_PORT: String(otherPort) } });
  });
  afterAll(async () => {
    await other?.close();
    await world?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  test('are one limit: whoever asks both has no more than who asks one', async () => {
    const api = await createApi(world);
    const atOther = apiWith({ broker: { url: (path) => `http://localhost:${other.port}/${path}` } }, api.token);
    const startedAt = Date.now();
    const answers = await Promise.all(
      Array.from({ length: 300 }, (_, index) => (index % 2 === 0 ? api : atOther).call('GET', '/clients')),
    );
    const allowed = answers.filter(({ status }) => status === 200).length;
    expect(allowed).toBeGreaterThanOrEqual(54);
    // What came back meanwhile, and not twice as much, as if each allowed its own.
    const seconds = (Date.now() - startedAt) / 1000;
    expect(allowed).toBeLessThanOrEqual(60 + 20 * (seconds + 1));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 429]));
  });
});
