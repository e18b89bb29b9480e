import { expect, test } from 'vitest';
import { useWorld } from '../support/databases.ts';
import { audience, machineSecret, postToken } from '../support/world.ts';

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
