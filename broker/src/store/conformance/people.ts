import { expect, test } from 'vitest';
import type { ConnectionId, UpstreamUserId, UserId } from '../../core/ids.ts';
import type { JsonObject } from '../../core/json.ts';
import {
  createPerson,
  later,
  now,
  sampleCode,
  sampleIdentity,
  sampleLogEvent,
  sampleRefreshToken,
  sampleSession,
  sampleUser,
  sealed,
} from './samples.ts';
import type { Subject } from './subject.ts';

/** Pairs that careless comparison or storage would make one person of. */
const lookalikes = [
  'ada',
  'Ada',
  'ada ',
  ' ada',
  'ada\t',
  'caf\u00e9',
  'cafe\u0301',
  'ß',
  'ss',
  'ｆullwidth',
  'fullwidth',
  'i',
  'ı',
  '9007199254740992',
  '9007199254740993',
  '1',
  '01',
  '1.0',
  '1e0',
  '\ufffd',
  'a|b',
  "a'b",
  '😀',
];

export function peopleTests(subject: Subject): void {
  const login = (
    userId: UserId,
    more: { userMetadata?: JsonObject; appMetadata?: JsonObject; attributes?: JsonObject },
  ) =>
    subject.store.users.recordLogin({
      userId,
      at: later(5),
      attributes: more.attributes,
      userMetadata: more.userMetadata,
      appMetadata: more.appMetadata,
    });

  test('a user is found by id and by identity', async () => {
    const { store } = subject;
    const { connection, user, identity } = await createPerson(store);
    expect(await store.users.find(user.id)).toEqual(user);
    expect(await store.users.findByIdentity(connection.id, identity.upstreamUserId)).toEqual(user);
    expect(await store.users.findByIdentity('other' as ConnectionId, identity.upstreamUserId)).toBeUndefined();
    expect(await store.identities.find(connection.id, identity.upstreamUserId)).toEqual(identity);
    expect(await store.identities.listByUser(user.id)).toEqual([identity]);
  });

  test('upstream user ids are exact: no two that differ in a byte are one person', async () => {
    const { store } = subject;
    const { connection } = await createPerson(store);
    for (const id of lookalikes) {
      const user = sampleUser({ id: `oauth2|${connection.name}|${id}` as UserId });
      await store.writeAll([
        store.users.create(user),
        store.identities.create(sampleIdentity(connection.id, user.id, id)),
      ]);
    }
    for (const id of lookalikes) {
      const found = await store.users.findByIdentity(connection.id, id as UpstreamUserId);
      expect(found?.id).toBe(`oauth2|${connection.name}|${id}`);
      const identity = await store.identities.find(connection.id, id as UpstreamUserId);
      expect(identity?.upstreamUserId).toBe(id);
    }
  });

  test('an id that cannot be stored exactly is refused, and never found as another', async () => {
    const { store } = subject;
    const { connection, user } = await createPerson(store);
    await store.write(store.identities.create(sampleIdentity(connection.id, user.id, 'ada\ufffd')));
    for (const id of ['ada\ud800', 'ada\0'] as UpstreamUserId[]) {
      expect(await store.users.findByIdentity(connection.id, id)).toBeUndefined();
      expect(() => store.identities.create(sampleIdentity(connection.id, user.id, id))).toThrow(
        expect.objectContaining({ code: 'conflict' }),
      );
    }
  });

  test('an existing user id or identity is a conflict, and nothing of the unit is written', async () => {
    const { store } = subject;
    const { connection, user, identity } = await createPerson(store);
    await expect(store.write(store.users.create(user))).rejects.toMatchObject({ code: 'conflict' });
    const newcomer = sampleUser();
    const unit = store.writeAll([
      store.users.create(newcomer),
      store.identities.create(sampleIdentity(connection.id, newcomer.id, identity.upstreamUserId)),
    ]);
    await expect(unit).rejects.toMatchObject({ code: 'conflict' });
    expect(await store.users.find(newcomer.id)).toBeUndefined();
  });

  test('of parallel first logins of one person one creates the user', async () => {
    const { store } = subject;
    const { connection } = await createPerson(store);
    const user = sampleUser();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, () =>
        store.writeAll([
          store.users.create(user),
          store.identities.create(sampleIdentity(connection.id, user.id, 'same')),
        ]),
      ),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const others = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(new Set(others.map(({ reason }) => reason.code))).toEqual(new Set(['conflict']));
  });

  test('a login counts, moves the last login, and replaces root attributes only if it brings some', async () => {
    const { store } = subject;
    const { user } = await createPerson(store);
    const same = await store.write(login(user.id, {}));
    expect(same).toEqual({ ...user, loginsCount: 2, lastLoginAt: later(5), updatedAt: later(5) });
    const changed = await store.write(login(user.id, { attributes: { name: 'Ada' } }));
    expect(changed.attributes).toEqual({ name: 'Ada' });
    expect(await store.users.find(user.id)).toEqual(changed);
  });

  test('metadata is merged at the first level', async () => {
    const { store } = subject;
    const user = sampleUser({ userMetadata: { a: { kept: 1 }, b: 2 }, appMetadata: { plan: 'free' } });
    await store.write(store.users.create(user));
    const found = await store.write(login(user.id, { userMetadata: { a: { other: 1 }, c: null } }));
    expect(found.userMetadata).toEqual({ a: { other: 1 }, b: 2, c: null });
    expect(found.appMetadata).toEqual({ plan: 'free' });
  });

  test('50 parallel logins lose nothing of each other', async () => {
    const { store } = subject;
    const { user } = await createPerson(store);
    const names = Array.from({ length: 50 }, (_, index) => `key_${index}`);
    await Promise.all(
      names.map((name) => store.write(login(user.id, { userMetadata: { [name]: 1 }, appMetadata: { [name]: name } }))),
    );
    const found = await store.users.find(user.id);
    expect(found?.loginsCount).toBe(51);
    expect(found?.userMetadata).toEqual(Object.fromEntries(names.map((name) => [name, 1])));
    expect(found?.appMetadata).toEqual(Object.fromEntries(names.map((name) => [name, name])));
  });

  test('hostile JSON is kept as data', async () => {
    const { store } = subject;
    const attributes = JSON.parse('{"__proto__":{"isAdmin":true},"nul":"a\\u0000b","lone":"\\ud800","q":"\\\\u0000"}');
    const user = sampleUser({ attributes, userMetadata: attributes });
    await store.write(store.users.create(user));
    const found = await store.write(login(user.id, { userMetadata: JSON.parse('{"__proto__":{"x":1}}') }));
    expect(found.attributes).toEqual(attributes);
    expect(Object.entries(found.userMetadata)).toEqual(
      expect.arrayContaining([
        ['__proto__', { x: 1 }],
        ['nul', 'a\ufffdb'],
        ['lone', '\ufffd'],
        ['q', '\\u0000'],
      ]),
    );
    expect(({} as { x?: number }).x).toBeUndefined();
  });

  test('a login of a user who is gone is a conflict and keeps no tokenset', async () => {
    const { store } = subject;
    const { connection, identity } = await createPerson(store);
    const unit = store.writeAll([
      store.identities.putTokenset(connection.id, identity.upstreamUserId, sealed(42)),
      login('nobody' as UserId, {}),
    ]);
    await expect(unit).rejects.toMatchObject({ code: 'conflict' });
    expect(await store.identities.find(connection.id, identity.upstreamUserId)).toEqual(identity);
  });

  test('a tokenset is replaced; without its identity it is a conflict', async () => {
    const { store } = subject;
    const { connection, identity } = await createPerson(store);
    await store.write(store.identities.putTokenset(connection.id, identity.upstreamUserId, sealed(0, 1)));
    const found = await store.identities.find(connection.id, identity.upstreamUserId);
    expect(found).toEqual({ ...identity, sealedTokenset: sealed(0, 1) });
    const missing = store.identities.putTokenset(connection.id, 'nobody' as UpstreamUserId, sealed(1));
    await expect(store.write(missing)).rejects.toMatchObject({ code: 'conflict' });
  });

  test('a user is blocked and unblocked', async () => {
    const { store } = subject;
    const { user } = await createPerson(store);
    expect(await store.write(store.users.setBlocked(user.id, true, later(9)))).toBe(true);
    expect(await store.users.find(user.id)).toEqual({ ...user, isBlocked: true, updatedAt: later(9) });
    expect(await store.write(store.users.setBlocked('nobody' as UserId, true, now))).toBe(false);
  });

  test('a deleted user takes identities, sessions, codes and refresh tokens with them', async () => {
    const { store } = subject;
    const { connection, user, identity } = await createPerson(store);
    const session = sampleSession(user.id, connection.id);
    const code = sampleCode(user.id, connection.id);
    const token = sampleRefreshToken(user.id, connection.id);
    await store.writeAll([store.sessions.create(session), store.codes.create(code), store.refreshTokens.create(token)]);
    const before = await store.users.count();
    expect(await store.write(store.users.delete(user.id))).toBe(true);
    expect(await store.write(store.users.delete(user.id))).toBe(false);
    expect(await store.users.count()).toBe(before - 1);
    expect(await store.identities.find(connection.id, identity.upstreamUserId)).toBeUndefined();
    expect(await store.sessions.find(session.handleHash)).toBeUndefined();
    expect(await store.codes.find(code.codeHash)).toBeUndefined();
    expect(await store.refreshTokens.find(token.tokenHash)).toBeUndefined();
  });

  test('log events are found by id and trace, and listed newest first', async () => {
    const { store } = subject;
    const first = sampleLogEvent();
    const second = sampleLogEvent({ traceId: first.traceId, description: 'NUL \0 in it', details: { n: 1 } });
    await store.write(store.logs.create(first));
    await store.write(store.logs.create(second));
    const kept = { ...second, description: 'NUL \ufffd in it' };
    expect(await store.logs.find(second.id)).toEqual(kept);
    expect(await store.logs.find('nothing')).toBeUndefined();
    expect(await store.logs.listByTrace(first.traceId)).toEqual([first, kept]);
    expect(await store.logs.list(2)).toEqual([kept, first]);
  });
}
