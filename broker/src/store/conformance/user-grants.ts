import { expect, test } from 'vitest';
import type { UserGrant } from '../../core/user-grant.ts';
import { createPerson, later, now, sampleClient, sampleCode } from './samples.ts';
import type { Subject } from './subject.ts';

let count = 0;

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

  test.each(['https://api.example/', undefined])(
    'codes of what a person allowed for %s are deleted, those of anybody and anything else are not',
    async (audience) => {
      const { store } = subject;
      const [{ user, connection }, other] = [await createPerson(store), await createPerson(store)];
      const code = sampleCode(user.id, connection.id, { audience });
      const kept = [
        sampleCode(user.id, connection.id, { clientId: code.clientId, audience: 'https://other.example/' }),
        sampleCode(user.id, connection.id, { audience }),
        sampleCode(other.user.id, connection.id, { clientId: code.clientId, audience }),
        sampleCode(user.id, connection.id, { clientId: code.clientId, audience, consumedAt: now }),
      ];
      await store.writeAll([code, ...kept].map((each) => store.codes.create(each)));
      await store.write(store.codes.deleteAllowed(code));
      expect(await store.codes.find(code.codeHash)).toBeUndefined();
      for (const each of kept) expect(await store.codes.find(each.codeHash)).toEqual(each);
    },
  );
}
