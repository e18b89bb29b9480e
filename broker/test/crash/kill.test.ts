import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { UpstreamUserId } from '../../src/core/ids.ts';
import { openStore } from '../../src/store/open-store.ts';
import { parseKeyring } from '../../src/vault/keyring.ts';
import { createVault } from '../../src/vault/vault.ts';
import { addPerson, obtainTokens, spa } from '../support/applications.ts';
import { type BrokerPlace, makeBrokerPlace, startBrokerProcess } from '../support/broker-process.ts';
import { databases, useDatabase } from '../support/databases.ts';
import { type Provider, startProvider } from '../support/provider.ts';
import { seedFor } from '../support/world.ts';
import { checkLedger, createLedger, type Ledger } from './ledger.ts';
import { startLoad } from './load.ts';

/** How many sign-ins and refreshes are answered in a round before the broker is killed. */
const rounds = [
  [12, 10],
  [31, 25],
  [17, 60],
  [40, 8],
  [23, 33],
] as const;

describe.each(databases)('kill -9 of the broker on %s', (database) => {
  const server = useDatabase(database);
  let provider: Provider;
  let place: BrokerPlace;
  let databaseUrl: string | undefined;

  beforeAll(async () => {
    provider = await startProvider({ keepsRequests: false });
    databaseUrl = await server.url();
    place = await makeBrokerPlace({ seed: seedFor(provider), databaseUrl });
  });
  afterAll(async () => {
    place.remove();
    await provider.close();
  });

  const world = () => ({ provider, broker: { url: (path: string) => `${place.issuerUrl}${path}` } });

  /** Every tokenset is there, opens, and holds a token that the provider gave for this very person. */
  async function checkVault({ people }: Ledger): Promise<void> {
    const parsed = parseKeyring(place.sealingKeys);
    if (!('keyring' in parsed)) throw new Error('the place has a bad keyring');
    const vault = createVault(parsed);
    const store = await openStore({ url: databaseUrl ?? `sqlite:${place.dataDir}/portico.db` });
    try {
      const connection = (await store.connections.list()).find(({ name }) => name === 'mapped');
      if (connection === undefined) throw new Error('the connection is gone');
      for (const id of people as Set<UpstreamUserId>) {
        const user = await store.users.findByIdentity(connection.id, id);
        expect(user).toMatchObject({ id: `oauth2|mapped|${id}`, loginsCount: 1 });
        const identity = await store.identities.find(connection.id, id);
        if (identity?.sealedTokenset === undefined) throw new Error(`no tokenset of ${id}`);
        const { accessToken } = vault.openTokenset(connection.id, id, identity.sealedTokenset);
        const answer = await fetch(provider.userInfoUrl, { headers: { authorization: `Bearer ${accessToken}` } });
        expect(await answer.json()).toMatchObject({ id });
      }
    } finally {
      await store.close();
    }
  }

  test('during parallel sign-ins and refreshes, five times: nothing that was answered is lost, and it goes on', async () => {
    const ledger = createLedger();
    for (const [signIns, refreshes] of rounds) {
      const broker = await startBrokerProcess(place);
      await checkLedger(world(), ledger);
      const load = startLoad(world(), ledger);
      await load.reached(signIns, refreshes);
      broker.kill('SIGKILL');
      expect(await broker.exited).toEqual({ code: null, signal: 'SIGKILL' });
      await load.ended;
    }
    const last = await startBrokerProcess(place);
    await checkLedger(world(), ledger);
    const person = addPerson(world());
    await obtainTokens(world(), spa, { login_hint: person.id });
    last.kill('SIGTERM');
    expect(await last.exited).toEqual({ code: 0, signal: null });
    await checkVault(ledger);
    expect(ledger.people.size).toBeGreaterThanOrEqual(rounds.reduce((sum, [signIns]) => sum + signIns, 0));
  });
});
