import { expect, test } from 'vitest';
import type { DeviceCode, DeviceGrant } from '../../core/device-code.ts';
import type { ClientId, GrantId, HandleHash } from '../../core/ids.ts';
import { createPerson, later, now } from './samples.ts';
import type { Subject } from './subject.ts';

let count = 0;

export function sampleDeviceCode(more: Partial<DeviceCode> = {}): DeviceCode {
  count += 1;
  return {
    id: `dc-${count}`,
    deviceHash: `device-${count}` as HandleHash,
    userCodeHash: `user-code-${count}` as HandleHash,
    clientId: 'tv' as ClientId,
    scope: 'openid offline_access',
    audience: undefined,
    state: 'pending',
    granted: undefined,
    denial: undefined,
    createdAt: now,
    expiresAt: later(900),
    ...more,
  };
}

export function deviceCodeTests(subject: Subject): void {
  async function createCode(more: Partial<DeviceCode> = {}): Promise<DeviceCode> {
    const code = sampleDeviceCode(more);
    await subject.store.write(subject.store.deviceCodes.create(code));
    return code;
  }

  async function sampleGrant(): Promise<DeviceGrant> {
    const { connection, user } = await createPerson(subject.store);
    return {
      grantId: 'grant' as GrantId,
      clientId: 'tv' as ClientId,
      userId: user.id,
      connectionId: connection.id,
      sid: 'sid',
      scopes: ['openid'],
      audience: 'https://api.example/',
      authenticatedAt: later(5),
      claims: { idToken: { a: 1 }, accessToken: {} },
    };
  }

  test('a device code is found by its id and by its user code, and no user code is given twice', async () => {
    const { deviceCodes } = subject.store;
    const code = await createCode();
    expect(await deviceCodes.find(code.id)).toEqual(code);
    expect(await deviceCodes.findByUserCode(code.userCodeHash)).toEqual(code);
    expect(await deviceCodes.findByUserCode('unknown' as HandleHash)).toBeUndefined();
    const twice = sampleDeviceCode({ userCodeHash: code.userCodeHash });
    await expect(subject.store.write(deviceCodes.create(twice))).rejects.toMatchObject({ code: 'conflict' });
  });

  test('of many parallel decisions one counts, and of many parallel polls one gets it', async () => {
    const { store } = subject;
    const code = await createCode();
    const granted = await sampleGrant();
    const decisions = await Promise.all(
      Array.from({ length: 20 }, () => store.write(store.deviceCodes.allow(code.id, granted, later(10)))),
    );
    expect(decisions.filter((isDecided) => isDecided)).toHaveLength(1);
    expect(await store.write(store.deviceCodes.deny(code.id, 'too late', later(10)))).toBe(false);
    const taken = await Promise.all(
      Array.from({ length: 50 }, () =>
        store.write(store.deviceCodes.takeDecided(code.deviceHash, code.clientId, later(20))),
      ),
    );
    expect(taken.filter((each) => each !== undefined)).toEqual([{ ...code, state: 'allowed', granted }]);
    expect(await store.deviceCodes.find(code.id)).toBeUndefined();
  });

  test('a denial is told once; an expired code cannot be decided, and is taken once too', async () => {
    const { store } = subject;
    const denied = await createCode();
    expect(await store.write(store.deviceCodes.deny(denied.id, 'no', later(1)))).toBe(true);
    const take = ({ deviceHash, clientId }: DeviceCode) =>
      store.write(store.deviceCodes.takeDecided(deviceHash, clientId, later(900)));
    expect(await take(denied)).toEqual({ ...denied, state: 'denied', denial: 'no' });
    expect(await take(denied)).toBeUndefined();

    const expired = await createCode();
    expect(await store.write(store.deviceCodes.allow(expired.id, await sampleGrant(), later(900)))).toBe(false);
    expect(await take({ ...expired, clientId: 'another' as ClientId })).toBeUndefined();
    expect(await take(expired)).toEqual(expired);
    expect(await take(expired)).toBeUndefined();
  });

  test('a poll that follows another too closely is known as such, each one counted from the one before', async () => {
    const { store } = subject;
    const code = await createCode();
    const poll = (at: number, clientId = code.clientId) =>
      store.write(store.deviceCodes.poll(code.deviceHash, clientId, { now: later(at), previous: later(at - 5) }));
    expect(await poll(0)).toEqual({ isTooSoon: false });
    expect(await poll(5)).toEqual({ isTooSoon: false });
    expect(await poll(9)).toEqual({ isTooSoon: true });
    expect(await poll(13)).toEqual({ isTooSoon: true });
    expect(await poll(18)).toEqual({ isTooSoon: false });
    expect(await poll(30, 'another' as ClientId)).toBeUndefined();
  });

  test('an expired device code is kept for an hour, so that its device can be told', async () => {
    const { store } = subject;
    const code = await createCode({ expiresAt: later(-3_599) });
    const old = await createCode({ expiresAt: later(-3_601) });
    await store.purgeExpired(now, 1000);
    expect(await store.deviceCodes.find(code.id)).toEqual(code);
    expect(await store.deviceCodes.find(old.id)).toBeUndefined();
  });
}
