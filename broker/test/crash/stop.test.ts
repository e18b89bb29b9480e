import { once } from 'node:events';
import { connect } from 'node:net';
import { request } from 'undici';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Answer, createAgent } from '../support/agent.ts';
import { addPerson } from '../support/applications.ts';
import { type BrokerPlace, makeBrokerPlace, spawnBroker, startBrokerProcess } from '../support/broker-process.ts';
import { type Provider, startProvider } from '../support/provider.ts';
import { answerParameters, authorizeUrl, callback, redeem, seedFor, startWorld, type World } from '../support/world.ts';

/** Holds every request to the provider's endpoint until it is opened. */
function holdAt(provider: Provider, endpoint: 'token' | 'userinfo') {
  const gate = Promise.withResolvers<void>();
  const before = provider.counts[endpoint];
  provider.on(endpoint, async () => {
    await gate.promise;
    return undefined;
  });
  return {
    untilHeld: (count: number) =>
      vi.waitFor(() => expect(provider.counts[endpoint] - before).toBe(count), { timeout: 15_000, interval: 5 }),
    open() {
      provider.on(endpoint, undefined);
      gate.resolve();
    },
  };
}

const isAccepting = async (url: string): Promise<boolean> => {
  try {
    const { body } = await request(url, { reset: true });
    await body.dump();
    return true;
  } catch {
    return false;
  }
};

describe('SIGTERM', { timeout: 30_000 }, () => {
  let provider: Provider;
  let place: BrokerPlace;
  beforeEach(async () => {
    provider = await startProvider({ keepsRequests: false });
    place = await makeBrokerPlace({ seed: seedFor(provider) });
  });
  afterEach(async () => {
    place.remove();
    await provider.close();
  });
  const world = () => ({ provider, broker: { url: (path: string) => `${place.issuerUrl}${path}` } });
  const signInSomebody = (connection: string): Promise<Answer> =>
    createAgent().follow(authorizeUrl(world(), { connection, login_hint: addPerson(world()).id }), callback);

  test('12 sign-ins under way are answered after the broker has stopped listening, and their codes are good', async () => {
    const broker = await startBrokerProcess(place);
    // A browser that opened a connection ahead of time and says nothing must not hold the stop.
    const silent = connect(place.port, 'localhost').on('error', () => {});
    await once(silent, 'connect');
    const held = holdAt(provider, 'token');
    const signIns = Array.from({ length: 12 }, (_, index) => signInSomebody(index % 2 === 0 ? 'mapped' : 'scripted'));
    await held.untilHeld(12);
    broker.kill('SIGTERM');
    await vi.waitFor(async () => expect(await isAccepting(world().broker.url('healthz'))).toBe(false));
    held.open();
    const answers = await Promise.all(signIns);
    const codes = answers.map((answer) => answerParameters(answer).code);
    expect(codes).toEqual(codes.map(() => expect.stringMatching(/^.{40,}$/)));
    expect(await broker.exited).toEqual({ code: 0, signal: null });

    const next = await startBrokerProcess(place);
    const redeemed = await Promise.all(codes.map((code) => redeem(world(), code)));
    expect(redeemed.map(({ status }) => status)).toEqual(Array(12).fill(200));
    next.kill('SIGTERM');
    expect(await next.exited).toEqual({ code: 0, signal: null });
    silent.destroy();
  });

  test('in a stream of sign-ins: every sign-in that the broker finished has reached its browser', async () => {
    const broker = await startBrokerProcess(place);
    let answered = 0;
    const stream = Array.from({ length: 8 }, async () => {
      for (;;) {
        const answer = await signInSomebody('mapped').catch(() => undefined);
        if (answer === undefined) return;
        expect(answerParameters(answer)).toHaveProperty('code');
        answered += 1;
        if (answered === 40) broker.kill('SIGTERM');
      }
    });
    await Promise.all(stream);
    expect(await broker.exited).toEqual({ code: 0, signal: null });
    const finished = broker.output().match(/"msg":"sign-in succeeded"/g) ?? [];
    expect(answered).toBe(finished.length);
    expect(broker.output()).not.toMatch(/"level":"error"/);
  });

  test('during the start it stops a broker that has started, with exit code 0', async () => {
    const broker = spawnBroker(place);
    await broker.said('script_host_walls');
    broker.kill('SIGTERM');
    expect(await broker.exited).toEqual({ code: 0, signal: null });
    const again = await startBrokerProcess(place);
    expect(again.output()).not.toContain('the tenant was empty');
    again.kill('SIGTERM');
    await again.exited;
  });
});

describe('a script host that is killed', () => {
  let world: World;
  beforeEach(async () => {
    world = await startWorld({ environment: { PORTICO_SCRIPT_HOSTS: '2' } });
  });
  afterEach(() => world.close());

  const signInThrough = async (connection: string) => {
    const url = authorizeUrl(world, { connection, login_hint: addPerson(world).id });
    return answerParameters(await createAgent().follow(url, callback));
  };
  const through = (connection: string, count: number) => Array.from({ length: count }, () => signInThrough(connection));

  test('takes only its own runs with it, under load, and the next ones find another', async () => {
    // Two that serve and a spare.
    await vi.waitFor(() => expect(world.broker.hostPids()).toHaveLength(3), { timeout: 15_000 });
    const held = holdAt(world.provider, 'userinfo');
    const scripted = through('scripted', 8);
    const mapped = through('mapped', 4);
    await held.untilHeld(12);
    const [victim = 0] = world.broker.hostPids();
    process.kill(victim, 'SIGKILL');
    await vi.waitFor(() => expect(world.broker.hostPids()).not.toContain(victim), { timeout: 15_000 });
    held.open();

    for (const answer of await Promise.all(mapped)) expect(answer).toHaveProperty('code');
    const answers = await Promise.all(scripted);
    const failed = answers.filter(({ code }) => code === undefined);
    expect(failed).toHaveLength(4);
    for (const answer of failed) expect(answer).toMatchObject({ error: 'invalid_request', state: 'app-state' });

    for (const answer of await Promise.all(through('scripted', 8))) expect(answer).toHaveProperty('code');
  });
});
