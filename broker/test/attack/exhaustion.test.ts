import { connect, type Socket } from 'node:net';
import pg from 'pg';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createAgent } from '../support/agent.ts';
import {
  type BrokerPlace,
  type BrokerProcess,
  makeBrokerPlace,
  startBrokerProcess,
} from '../support/broker-process.ts';
import { useWorld } from '../support/databases.ts';
import { addAdmin, createApi } from '../support/management.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { type Provider, startProvider } from '../support/provider.ts';
import { answerParameters, authorizeUrl, redeem, seedFor, signIn, startWorld, type World } from '../support/world.ts';

/*
 * API-20: where something has run out, the answer says so and when to come back, and what comes after goes on by itself. A
 * database that is away is in outage.test.ts, a script that computes for ever in sandbox/script-limits.test.ts.
 */

describe('API-20: a database whose connections all wait', () => {
  let postgres: TestPostgres;
  let world: World;
  let holder: pg.Client;
  beforeAll(async () => {
    postgres = await startPostgres();
    const url = await postgres.url();
    // Ordinarily fifteen seconds.
    world = await startWorld({
      databaseUrl: `${url}?statement_timeout=500`,
      change: (seed, issuerUrl) => addAdmin(seed, issuerUrl, ['read:users']),
    });
    holder = new pg.Client({ connectionString: url });
    await holder.connect();
  });
  afterAll(async () => {
    await holder?.end();
    await world?.close();
    await postgres?.stop();
  });

  test('is told as 503 with Retry-After, and serves again once they are let go, without a restart', async () => {
    const { answer } = await signIn(world);
    const api = await createApi(world);
    await holder.query('begin');
    await holder.query('lock table transactions, codes, users, sessions in access exclusive mode');

    const begun = await Promise.all(Array.from({ length: 6 }, () => createAgent().get(authorizeUrl(world))));
    for (const each of begun) expect(answerParameters(each).error).toBe('temporarily_unavailable');
    const [token, users, page] = await Promise.all([
      redeem(world, answer.code),
      api.call('GET', '/users'),
      request(world.broker.url('u/login?state=st_anything')),
    ]);
    await page.body.dump();
    for (const { status, headers } of [token, users, { status: page.statusCode, headers: page.headers }]) {
      expect([status, headers['retry-after']]).toEqual([503, '2']);
    }
    expect((await fetch(world.broker.url('healthz'))).status).toBe(200);

    await holder.query('rollback');
    expect((await redeem(world, answer.code)).status).toBe(200);
    expect((await redeem(world, (await signIn(world)).answer.code)).status).toBe(200);
    expect((await api.call('GET', '/users')).status).toBe(200);
  });
});

describe('API-20: a search', () => {
  const getWorld = useWorld({ change: (seed, issuerUrl) => addAdmin(seed, issuerUrl, ['read:users', 'read:logs']) });

  test('that does not end in its time is 503 with what to do, and the next one is answered', async () => {
    const api = await createApi(getWorld());
    const time = vi.spyOn(AbortSignal, 'timeout').mockImplementation(() => AbortSignal.abort());
    const late = [await api.call('GET', '/users?q=name:*nobody*'), await api.call('GET', '/logs?q=description:x')];
    time.mockRestore();
    for (const answer of late) {
      expect(answer).toMatchObject({
        status: 503,
        body: { statusCode: 503, message: expect.stringMatching(/exceeded the timeout/) },
      });
    }
    expect((await api.call('GET', '/users?q=name:*nobody*')).status).toBe(200);
  });
});

describe('API-20: 256 open files', () => {
  let provider: Provider;
  let place: BrokerPlace;
  let broker: BrokerProcess;
  beforeAll(async () => {
    provider = await startProvider();
    place = await makeBrokerPlace({ seed: seedFor(provider) });
    const limited = ['sh', '-c', 'ulimit -n 256 && exec "$0" "$@"'];
    broker = await startBrokerProcess(place, {}, limited);
  });
  afterAll(async () => {
    place.remove();
    await provider.close();
  });

  test('are enough for a broker to outlive four hundred connections, and to serve as before afterwards', async () => {
    const held: Socket[] = [];
    const gone = new Set<Socket>();
    for (let count = 0; count < 400; count += 1) {
      const socket = connect(place.port, 'localhost');
      socket.on('error', () => gone.add(socket)).on('close', () => gone.add(socket));
      held.push(socket);
    }
    // More than it can hold: the others are let go, or wait to be taken.
    await expect.poll(() => held.filter((socket) => socket.readyState === 'open').length).toBeGreaterThan(100);
    for (const socket of held) if (!gone.has(socket)) socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
    for (const socket of held) socket.destroy();

    const world = { broker: { url: (path: string) => `${place.issuerUrl}${path}` } };
    await expect.poll(async () => (await fetch(world.broker.url('readyz'))).status, { timeout: 10_000 }).toBe(200);
    expect((await redeem(world, (await signIn(world, { connection: 'scripted' })).answer.code)).status).toBe(200);
    broker.kill('SIGTERM');
    expect(await broker.exited).toEqual({ code: 0, signal: null });
  });
});
