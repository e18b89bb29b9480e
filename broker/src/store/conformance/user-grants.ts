import { expect, test } from 'vitest';
import type { DeviceGrant } from '../../core/device-code.ts';
import type { ClientId } from '../../core/ids.ts';
import type { Code } from '../../core/session.ts';
import type { UserGrant } from '../../core/user-grant.ts';
import type { WaitingCodes } from '../records.ts';
import { sampleDeviceCode } from './device-codes.ts';
import { createPerson, later, now, sampleClient, sampleCode } from './samples.ts';
import type { Subject } from './subject.ts';

let count = 0;
const api = 'https://api.example/';

export function userGrantTests(subject: Subject): void {
  async function createGrant(more: Partial<UserGrant> = {}): Promise<UserGrant> {
    const { store } = subject;
    const { user } = await createPerson(store);
    const client = sampleClient();
    await store.write(store.clients.create(client));
    count += 1;
    const grant: UserGrant = {
      id: `ug_${count}`,
      userId: user.id,
      clientId: client.id,
      audience: 'https://api.example/',
      scopes: ['read:shows'],
      allowedAt: now,
      ...more,
    };
    await store.write(store.userGrants.put(grant));
    return grant;
  }

  test.each(['https://api.example/', undefined])(
    'what a person allowed for %s is found, whole, and for nobody and nothing else',
    async (audience) => {
      const { store } = subject;
      const grant = await createGrant({ audience });
      const other = await createGrant();
      expect(await store.userGrants.find(grant.userId, grant.clientId, audience)).toEqual(grant);
      expect(await store.userGrants.findById(grant.id)).toEqual(grant);
      expect(await store.userGrants.findById('ug_none')).toBeUndefined();
      expect(await store.userGrants.find(grant.userId, grant.clientId, 'https://other.example/')).toBeUndefined();
      expect(await store.userGrants.find(other.userId, grant.clientId, audience)).toBeUndefined();
      expect(await store.userGrants.find(grant.userId, other.clientId, audience)).toBeUndefined();
    },
  );

  test('allowing again takes the place of what was allowed, under the same id', async () => {
    const { store } = subject;
    const grant = await createGrant();
    const again = { ...grant, id: 'ug_other', scopes: ['read:shows', 'write:shows'], allowedAt: later(9) };
    await store.write(store.userGrants.put(again));
    const found = await store.userGrants.find(grant.userId, grant.clientId, grant.audience);
    expect(found).toEqual({ ...again, id: grant.id });
  });

  test('what was allowed goes with the person, and with the application', async () => {
    const { store } = subject;
    const [ofPerson, ofClient] = [await createGrant(), await createGrant()];
    await store.write(store.users.delete(ofPerson.userId));
    await store.write(store.clients.delete(ofClient.clientId));
    for (const { userId, clientId, audience } of [ofPerson, ofClient]) {
      expect(await store.userGrants.find(userId, clientId, audience)).toBeUndefined();
    }
  });

  test('what was allowed is listed by person, application and audience, in pages that say how many there are', async () => {
    const { store } = subject;
    const first = await createGrant();
    const second = await createGrant({ userId: first.userId, audience: undefined });
    const mine = { userId: first.userId };
    const every = [first, second].sort((left, right) => (left.id < right.id ? -1 : 1));
    expect(await store.userGrants.list(mine, { skip: 0, limit: 5 })).toEqual({ grants: every, total: 2 });
    expect(await store.userGrants.list(mine, { skip: 1, limit: 5 })).toEqual({ grants: every.slice(1), total: 2 });
    const one = { grants: [first], total: 1 };
    expect(await store.userGrants.list({ clientId: first.clientId }, { skip: 0, limit: 5 })).toEqual(one);
    const api = { ...mine, audience: 'https://api.example/' };
    expect(await store.userGrants.list(api, { skip: 0, limit: 5 })).toEqual(one);
  });

  test('what was allowed can be taken back, one or all of a person', async () => {
    const { store } = subject;
    const first = await createGrant();
    const second = await createGrant({ userId: first.userId });
    const third = await createGrant();
    expect(await store.write(store.userGrants.delete(first.id))).toBe(true);
    expect(await store.write(store.userGrants.delete(first.id))).toBe(false);
    expect(await store.write(store.userGrants.deleteOfUser(first.userId))).toBe(1);
    for (const { userId, clientId, audience } of [first, second]) {
      expect(await store.userGrants.find(userId, clientId, audience)).toBeUndefined();
    }
    expect(await store.userGrants.find(third.userId, third.clientId, third.audience)).toEqual(third);
  });

  test.each([
    ['all of a person', {}, ['same', 'otherAudience', 'withoutApi', 'otherClient', 'otherSession']],
    ['those of a client', { clientId: 'own' }, ['same', 'otherAudience', 'withoutApi', 'otherSession']],
    ['those for an API', { clientId: 'own', audience: api }, ['same', 'otherSession']],
    ['those for none', { clientId: 'own', audience: null }, ['withoutApi']],
    ['those of a session', { sid: 'own' }, ['same', 'otherAudience', 'withoutApi', 'otherClient']],
  ] as const)('codes that wait are deleted, of devices too: %s', async (_, narrower, gone) => {
    const { store } = subject;
    const [{ user, connection }, stranger] = [await createPerson(store), await createPerson(store)];
    const own = { clientId: 'own' as ClientId, sid: 'own', audience: api };
    const codes = {
      same: sampleCode(user.id, connection.id, own),
      otherAudience: sampleCode(user.id, connection.id, { ...own, audience: 'https://other.example/' }),
      withoutApi: sampleCode(user.id, connection.id, { ...own, audience: undefined }),
      otherClient: sampleCode(user.id, connection.id, { ...own, clientId: 'other' as ClientId }),
      otherSession: sampleCode(user.id, connection.id, { ...own, sid: 'other' }),
      otherPerson: sampleCode(stranger.user.id, connection.id, own),
      redeemed: sampleCode(user.id, connection.id, { ...own, consumedAt: now }),
    };
    const devices = Object.entries(codes).map(([name, { consumedAt, ...code }]) => ({
      name,
      device: sampleDeviceCode(consumedAt === undefined ? { state: 'allowed', granted: toGrant(code) } : {}),
    }));
    await store.writeAll([
      ...Object.values(codes).map((code) => store.codes.create(code)),
      ...devices.map(({ device }) => store.deviceCodes.create(device)),
    ]);
    const waiting = { userId: user.id, ...narrower } as WaitingCodes;
    await store.writeAll([store.codes.deleteWaiting(waiting), store.deviceCodes.deleteWaiting(waiting)]);
    const named = async (names: readonly Promise<string | undefined>[]) =>
      (await Promise.all(names)).filter((name) => name !== undefined);
    const lost = Object.entries(codes).map(async ([name, { codeHash }]) =>
      (await store.codes.find(codeHash)) === undefined ? name : undefined,
    );
    expect(await named(lost)).toEqual(gone);
    const lostDevices = devices.map(async ({ name, device }) =>
      (await store.deviceCodes.find(device.id)) === undefined ? name : undefined,
    );
    expect(await named(lostDevices)).toEqual(gone);
  });
}

const toGrant = (code: Omit<Code, 'consumedAt'>): DeviceGrant => ({
  grantId: code.grantId,
  clientId: code.clientId,
  userId: code.userId,
  connectionId: code.connectionId,
  sid: code.sid,
  scopes: code.scopes,
  audience: code.audience,
  authenticatedAt: code.authenticatedAt,
  claims: undefined,
});
