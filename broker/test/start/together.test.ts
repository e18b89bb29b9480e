import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { freePort } from '../support/broker.ts';
import { type BrokerPlace, type BrokerProcess, makeBrokerPlace, spawnBroker } from '../support/broker-process.ts';
import { databases, useDatabase } from '../support/databases.ts';
import { type Provider, startProvider } from '../support/provider.ts';
import { audience, machineSecret, redeem, seedFor, signIn } from '../support/world.ts';

describe.each(databases)('brokers that start together on an empty %s database', (database) => {
  const server = useDatabase(database);
  let provider: Provider;
  let place: BrokerPlace;
  beforeEach(async () => {
    provider = await startProvider();
    place = await makeBrokerPlace({ seed: seedFor(provider), databaseUrl: await server.url() });
  });
  afterEach(async () => {
    place.remove();
    await provider.close();
  });

  test('one of them sets it up, all serve the same keys, and what one gives another takes', async () => {
    const ports = [place.port, await freePort(), await freePort()];
    // One issuer, as behind a load balancer.
    const brokers: BrokerProcess[] = ports.map((port) =>
      spawnBroker(place, { PORTICO_PORT: String(port), PORTICO_ISSUER: place.issuerUrl }),
    );
    await Promise.all(brokers.map((broker) => broker.said('ready')));
    expect(brokers.filter((broker) => broker.output().includes('the tenant was empty'))).toHaveLength(1);

    const at = (port: number) => ({ broker: { url: (path: string) => `http://localhost:${port}/${path}` } });
    const worlds = ports.map(at);
    const keys = await Promise.all(
      worlds.map(async ({ broker }) => (await fetch(broker.url('.well-known/jwks.json'))).text()),
    );
    expect(new Set(keys).size).toBe(1);

    const [here, there] = [at(ports[0] ?? 0), at(ports[1] ?? 0)];
    const { answer } = await signIn(here);
    const { status, body } = await redeem(there, answer.code);
    expect([status, body.token_type]).toEqual([200, 'Bearer']);
    const userinfo = await fetch(here.broker.url('userinfo'), {
      headers: { authorization: `Bearer ${body.access_token}` },
    });
    expect(userinfo.status).toBe(200);
    // Presented again at a third one, the code takes back what the second gave, at all of them.
    expect((await redeem(at(ports[2] ?? 0), answer.code)).status).toBe(403);
    for (const { broker } of worlds) {
      const after = await fetch(broker.url('userinfo'), { headers: { authorization: `Bearer ${body.access_token}` } });
      expect(after.status).toBe(401);
    }

    const form = { grant_type: 'client_credentials', client_id: 'machine', client_secret: machineSecret, audience };
    for (const { broker } of worlds) {
      expect((await fetch(broker.url('oauth/token'), { method: 'POST', body: new URLSearchParams(form) })).status).toBe(
        200,
      );
    }
    for (const broker of brokers) broker.kill('SIGTERM');
    for (const broker of brokers) expect(await broker.exited).toEqual({ code: 0, signal: null });
  });
});
