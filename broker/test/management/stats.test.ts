import { describe, expect, test } from 'vitest';
import { countLogins } from '../../src/management/count-logins.ts';
import { addPerson, obtainTokens, web } from '../support/applications.ts';
import { databases, useWorld } from '../support/databases.ts';
import { addAdmin, createApi } from '../support/management.ts';

describe.each(databases)('numbers of the tenant on %s', (database) => {
  const getWorld = useWorld({ change: (seed, issuerUrl) => addAdmin(seed, issuerUrl, ['read:stats']) }, database);
  const signIn = (id: string) => obtainTokens(getWorld(), web, { login_hint: id });
  const day = (date: Date) => date.toISOString().slice(0, 10).replaceAll('-', '');

  test('sign-ins and new users are counted by day, each once, however many brokers count', async () => {
    const { broker } = getWorld();
    const api = await createApi(getWorld());
    const [one, other] = [addPerson(getWorld()), addPerson(getWorld())];
    await signIn(one.id);
    await signIn(one.id);
    await signIn(other.id);
    const today = broker.clock.now();
    await countLogins(broker.store, today);
    expect((await api.call('GET', '/stats/daily')).body).toMatchObject([{ logins: 0, signups: 2 }]);

    broker.clock.advance(60);
    await Promise.all([1, 2, 3].map(() => countLogins(broker.store, broker.clock.now())));
    const { body } = await api.call('GET', `/stats/daily?from=${day(today)}&to=${day(today)}`);
    expect(body).toEqual([
      {
        date: `${today.toISOString().slice(0, 10)}T00:00:00.000Z`,
        logins: 3,
        signups: 2,
        leaked_passwords: 0,
        created_at: expect.any(String),
        updated_at: expect.any(String),
      },
    ]);
    await signIn(other.id);
    broker.clock.advance(60);
    await countLogins(broker.store, broker.clock.now());
    const counted = (await api.call('GET', '/stats/daily')).body as { logins: number }[];
    expect(counted.reduce((sum, { logins }) => sum + logins, 0)).toBe(4);
    expect((await api.call('GET', '/stats/active-users')).body).toBe(2);
  });

  test('what is no day is refused', async () => {
    const api = await createApi(getWorld());
    for (const from of ['2026-11-22', '20261399', 'x']) {
      expect((await api.call('GET', `/stats/daily?from=${from}`)).status).toBe(400);
    }
  });
});
