import { request } from 'undici';
import { describe, expect, test } from 'vitest';
import { useWorld } from '../support/databases.ts';
import { audience, authorizeUrl, machineSecret, postToken } from '../support/world.ts';

/*
 * Whoever can reach /oauth/token can make it fail, as often as they like. The log must not grow with it, and what others do
 * must stay to be seen.
 */

const getWorld = useWorld();

const asked = { grant_type: 'client_credentials', client_id: 'machine', client_secret: 'wrong', audience };
const failures = async (clientId: string | undefined) =>
  (await getWorld().broker.store.logs.list(1_000)).filter(
    (event) => event.type === 'feccft' && event.clientId === clientId,
  );

test('a stranger who fails a hundred times leaves ten lines a minute, and does not silence others', async () => {
  const world = getWorld();
  for (let index = 0; index < 100; index += 1) await postToken(world, asked);
  expect(await failures('machine')).toHaveLength(10);
  await postToken(world, { ...asked, client_id: 'web' });
  expect(await failures('web')).toHaveLength(1);
  await postToken(world, { ...asked, client_secret: machineSecret, audience: 'urn:none' });
  expect(await failures('machine')).toHaveLength(11);
  world.broker.clock.advance(61);
  await postToken(world, asked);
  expect(await failures('machine')).toHaveLength(12);
});

test('names that nobody has are one name: they bring no lines of their own', async () => {
  const world = getWorld();
  for (let index = 0; index < 50; index += 1) await postToken(world, { ...asked, client_id: `invented-${index}` });
  expect(await failures(undefined)).toHaveLength(10);
});

test('one line is never large, whatever was sent', async () => {
  const world = getWorld();
  const long = 'x'.repeat(20_000);
  await postToken(world, { ...asked, client_secret: machineSecret, audience: long, scope: long });
  const [event] = await failures('machine');
  expect(event?.description).toContain('xxx');
  expect(JSON.stringify(event).length).toBeLessThan(3_000);
});

test('a program that gets tokens in a loop leaves 600 lines a minute, and the next one says how many it was', async () => {
  const world = getWorld();
  world.broker.clock.advance(61);
  const good = { ...asked, client_secret: machineSecret };
  const gotten = async () => (await world.broker.store.logs.list(2_000)).filter(({ type }) => type === 'seccft');
  const before = (await gotten()).length;
  for (let index = 0; index < 65; index += 1) {
    await Promise.all(Array.from({ length: 10 }, () => postToken(world, good)));
  }
  expect(await gotten()).toHaveLength(before + 600);
  world.broker.clock.advance(61);
  await postToken(world, good);
  await postToken(world, good);
  const [second, first] = await gotten();
  expect(first?.details).toEqual({ audience, scope: 'read:shows', left_out: 50 });
  expect(second?.details).toEqual({ audience, scope: 'read:shows' });
});

describe('behind a proxy', () => {
  const getBusy = useWorld({ environment: { PORTICO_ADDRESS_RATE: '1', PORTICO_TRUST_PROXY: '127.0.0.1,::1' } });
  const limitsTold = async () =>
    (await getBusy().broker.store.logs.list(1_000)).flatMap(({ type, ip }) => (type === 'api_limit' ? [ip] : []));
  const ask = async (address: string) => {
    const answer = await request(authorizeUrl(getBusy()), { headers: { 'x-forwarded-for': address } });
    await answer.body.dump();
  };
  const flood = (address: string, length: number) => Promise.all(Array.from({ length }, () => ask(address)));

  test('an address that asks too much leaves one line a minute that says so', async () => {
    await flood('8.8.4.4', 60);
    expect(await limitsTold()).toEqual(['8.8.4.4']);
    await flood('8.8.4.5', 30);
    expect((await limitsTold()).toSorted()).toEqual(['8.8.4.4', '8.8.4.5']);
    getBusy().broker.clock.advance(61);
    await flood('8.8.4.4', 30);
    expect(await limitsTold()).toHaveLength(3);
  });

  test('eighty addresses that ask too much leave sixty lines a minute', async () => {
    getBusy().broker.clock.advance(61);
    const before = (await limitsTold()).length;
    for (let index = 0; index < 80; index += 1) await flood(`9.1.${index}.1`, 8);
    expect((await limitsTold()).length - before).toBe(60);
  });

  test('sign-ins that fail in a loop leave 300 lines of an address, and somebody else leaves theirs', async () => {
    const fail = async (address: string) => {
      const answer = await request(authorizeUrl(getBusy(), { client_id: 'nobody' }), {
        headers: { 'x-forwarded-for': address },
      });
      await answer.body.dump();
      return answer.statusCode;
    };
    const linesOf = async (address: string) =>
      (await getBusy().broker.store.logs.list(1_000)).filter(({ type, ip }) => type === 'f' && ip === address).length;
    for (let index = 0; index < 33; index += 1) await Promise.all(Array.from({ length: 10 }, () => fail('10.7.7.7')));
    expect(await linesOf('10.7.7.7')).toBe(300);
    expect(await fail('10.7.7.7')).toBe(400);
    await fail('10.7.7.8');
    expect(await linesOf('10.7.7.8')).toBe(1);
  });
});
