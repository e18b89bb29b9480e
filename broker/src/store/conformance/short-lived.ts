import { expect, test } from 'vitest';
import type { ClientId, ConnectionId, GrantId, HandleHash, UserId } from '../../core/ids.ts';
import {
  createPerson,
  later,
  now,
  sampleCode,
  sampleRefreshToken,
  sampleRevokedGrant,
  sampleSession,
  sampleTransaction,
} from './samples.ts';
import type { Subject } from './subject.ts';

export function shortLivedTests(subject: Subject): void {
  test('a transaction is found, gets its connection, and is taken once', async () => {
    const { store } = subject;
    const transaction = sampleTransaction();
    await store.write(store.transactions.create(transaction));
    expect(await store.transactions.find(transaction.stateHash)).toEqual(transaction);
    const departed = {
      ...transaction,
      connectionId: 'con' as ConnectionId,
      request: { sendsChallenge: true },
      expiresAt: later(9000),
    };
    expect(await store.write(store.transactions.depart(departed))).toBe(true);
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, () => store.write(store.transactions.take(transaction.stateHash))),
    );
    expect(outcomes.filter((outcome) => outcome !== undefined)).toEqual([departed]);
    expect(await store.transactions.find(transaction.stateHash)).toBeUndefined();
    expect(await store.write(store.transactions.depart(departed))).toBe(false);
    expect(await store.transactions.find(transaction.stateHash)).toBeUndefined();
  });

  test("a browser's transactions are deleted together, and no other's", async () => {
    const { store } = subject;
    const browserHash = 'one-browser' as HandleHash;
    const [first, second, other] = [
      sampleTransaction({ browserHash }),
      sampleTransaction({ browserHash }),
      sampleTransaction(),
    ] as const;
    await store.writeAll([first, second, other].map((transaction) => store.transactions.create(transaction)));
    await store.write(store.transactions.deleteByBrowser(browserHash));
    expect(await store.transactions.find(first.stateHash)).toBeUndefined();
    expect(await store.transactions.find(second.stateHash)).toBeUndefined();
    expect(await store.transactions.find(other.stateHash)).toEqual(other);
  });

  test('the idle expiry of a session moves forward, never back', async () => {
    const { store } = subject;
    const { connection, user } = await createPerson(store);
    const session = sampleSession(user.id, connection.id);
    await store.write(store.sessions.create(session));
    expect(await store.sessions.find(session.handleHash)).toEqual(session);
    const first = { idleExpiresAt: later(5000), at: later(60), seenFrom: { ip: '192.0.2.9', userAgent: undefined } };
    const second = { idleExpiresAt: later(4000), at: later(70), seenFrom: { ip: '192.0.2.1', userAgent: 'Late' } };
    await store.write(store.sessions.touch(session.handleHash, first));
    await store.write(store.sessions.touch(session.handleHash, second));
    expect(await store.sessions.find(session.handleHash)).toEqual({
      ...session,
      idleExpiresAt: later(5000),
      lastInteractedAt: later(60),
      updatedAt: later(60),
      device: { initial: session.device.initial, last: first.seenFrom },
    });
  });

  test('clients that join a session at once are both in it, each once', async () => {
    const { store } = subject;
    const { connection, user } = await createPerson(store);
    const session = sampleSession(user.id, connection.id);
    await store.write(store.sessions.create(session));
    const joining = ['spa', 'tv', 'spa'].map((id) => store.sessions.join(session.handleHash, id as ClientId, later(5)));
    await Promise.all(joining.map((write) => store.write(write)));
    const clientIds = (await store.sessions.find(session.handleHash))?.clientIds ?? [];
    expect(clientIds[0]).toBe(session.clientIds[0]);
    expect([...clientIds].sort()).toEqual([...session.clientIds, 'spa', 'tv'].sort());
  });

  test('metadata is put by the name of a session, also of one that is being replaced', async () => {
    const { store } = subject;
    const { connection, user } = await createPerson(store);
    const [old, other] = [sampleSession(user.id, connection.id), sampleSession(user.id, connection.id)];
    const next = sampleSession(user.id, connection.id, { sid: old.sid });
    await store.writeAll([old, next, other].map((each) => store.sessions.create(each)));
    const metadata = { place: 'Turin', nul: '\u0000' };
    await store.write(store.sessions.putMetadata(old.sid, metadata, later(9)));
    const changed = { metadata, updatedAt: later(9) };
    for (const each of [old, next]) {
      expect(await store.sessions.find(each.handleHash)).toEqual({ ...each, ...changed });
    }
    expect(await store.sessions.find(other.handleHash)).toEqual(other);
    for (const [sid, at] of [
      [old.sid, later(9999)],
      ['sid_none', now],
    ] as const) {
      await expect(store.write(store.sessions.putMetadata(sid, {}, at))).rejects.toMatchObject({ code: 'conflict' });
    }
  });

  test('a retired session ends sooner, never later', async () => {
    const { store } = subject;
    const { connection, user } = await createPerson(store);
    const session = sampleSession(user.id, connection.id);
    await store.write(store.sessions.create(session));
    await store.write(store.sessions.retire(session.handleHash, later(60)));
    await store.write(store.sessions.retire(session.handleHash, later(90)));
    expect((await store.sessions.find(session.handleHash))?.expiresAt).toEqual(later(60));
  });

  test('sessions are deleted alone or with all of their user', async () => {
    const { store } = subject;
    const { connection, user } = await createPerson(store);
    const [first, second] = [sampleSession(user.id, connection.id), sampleSession(user.id, connection.id)] as const;
    await store.writeAll([store.sessions.create(first), store.sessions.create(second)]);
    expect(await store.write(store.sessions.delete(first.handleHash))).toBe(true);
    expect(await store.write(store.sessions.delete(first.handleHash))).toBe(false);
    await store.write(store.sessions.deleteByUser(user.id));
    expect(await store.sessions.find(second.handleHash)).toBeUndefined();
  });

  test('nobody gets a session, code or refresh token once their user is gone', async () => {
    const { store } = subject;
    const { connection } = await createPerson(store);
    const nobody = 'nobody' as UserId;
    for (const write of [
      store.sessions.create(sampleSession(nobody, connection.id)),
      store.codes.create(sampleCode(nobody, connection.id)),
      store.refreshTokens.create(sampleRefreshToken(nobody, connection.id)),
    ]) {
      await expect(store.write(write)).rejects.toMatchObject({ code: 'conflict' });
    }
  });

  test('of 50 parallel redemptions of a code one succeeds; afterwards it is known as used', async () => {
    const { store } = subject;
    const { connection, user } = await createPerson(store);
    const code = sampleCode(user.id, connection.id);
    await store.write(store.codes.create(code));
    expect(await store.codes.find(code.codeHash)).toEqual(code);
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, () => store.write(store.codes.consume(code.codeHash, later(3)))),
    );
    const consumed = { ...code, consumedAt: later(3) };
    expect(outcomes.filter((outcome) => outcome !== undefined)).toEqual([consumed]);
    expect(await store.codes.find(code.codeHash)).toEqual(consumed);
    expect(await store.write(store.codes.consume('unknown' as HandleHash, now))).toBeUndefined();
  });

  test('a revoked grant stays revoked, and counts the tokens of its time', async () => {
    const { store } = subject;
    const { connection, user } = await createPerson(store);
    const token = sampleRefreshToken(user.id, connection.id);
    const { clientId } = token;
    await store.write(store.grants.revoke(sampleRevokedGrant(token)));
    await store.write(store.grants.revoke(sampleRevokedGrant(token)));
    expect(await store.grants.isRevoked(token.grantId)).toBe(true);
    expect(await store.grants.isRevoked('other' as GrantId)).toBe(false);
    expect(await store.grants.isIssueRevoked(user.id, clientId, later(50))).toBe(true);
    expect(await store.grants.isIssueRevoked(user.id, clientId, later(101))).toBe(false);
    expect(await store.grants.isIssueRevoked(user.id, clientId, later(-2))).toBe(false);
    expect(await store.grants.isIssueRevoked('other' as UserId, clientId, later(50))).toBe(false);
    // `iat` of the first token of the grant, cut to whole seconds, lies before the grant.
    expect(await store.grants.isIssueRevoked(user.id, clientId, new Date('2026-03-01T12:00:00Z'))).toBe(true);
  });

  test('purging removes what has expired, at most so many per table, and nothing else', async () => {
    const { store } = subject;
    const { connection, user } = await createPerson(store);
    const past = { expiresAt: later(-1) };
    const expired = Array.from({ length: 3 }, () => sampleTransaction(past));
    const live = sampleTransaction();
    const code = sampleCode(user.id, connection.id, past);
    const session = sampleSession(user.id, connection.id, past);
    const token = sampleRefreshToken(user.id, connection.id, past);
    const idle = sampleRefreshToken(user.id, connection.id, { idleExpiresAt: later(-1), expiresAt: undefined });
    const eternal = sampleRefreshToken(user.id, connection.id, { idleExpiresAt: undefined, expiresAt: undefined });
    await store.purgeExpired(now, 1000);
    await store.writeAll([
      ...expired.map((transaction) => store.transactions.create(transaction)),
      store.transactions.create(live),
      store.codes.create(code),
      store.sessions.create(session),
      store.refreshTokens.create({ ...token, idleExpiresAt: undefined }),
      store.refreshTokens.create(idle),
      store.refreshTokens.create(eternal),
      store.grants.revoke(sampleRevokedGrant(token, past)),
    ]);
    expect(await store.purgeExpired(later(-2), 1000)).toBe(0);
    expect(await store.purgeExpired(now, 1000)).toBe(8);
    expect(await store.transactions.find(live.stateHash)).toEqual(live);
    expect(await store.refreshTokens.find(eternal.tokenHash)).toEqual(eternal);
    expect(await store.refreshTokens.find(idle.tokenHash)).toBeUndefined();
    expect(await store.codes.find(code.codeHash)).toBeUndefined();
    expect(await store.sessions.find(session.handleHash)).toBeUndefined();
    expect(await store.grants.isRevoked(token.grantId)).toBe(false);
  });

  test('a purge never exceeds its limit per table', async () => {
    const { store } = subject;
    await store.purgeExpired(later(100_000_000), 1000);
    const expired = Array.from({ length: 5 }, () => sampleTransaction({ expiresAt: now }));
    await store.writeAll(expired.map((transaction) => store.transactions.create(transaction)));
    expect(await store.purgeExpired(later(1), 2)).toBe(2);
    expect(await store.purgeExpired(later(1), 2)).toBe(2);
    expect(await store.purgeExpired(later(1), 2)).toBe(1);
    expect(await store.purgeExpired(later(1), 2)).toBe(0);
  });

  test('however many take from a bucket at the same moment, there are as many tokens as it holds, and they come back', async () => {
    const { store } = subject;
    const take = (at: Date) => store.write(store.rateBuckets.spend({ id: 'b', intervalMs: 100, capacityMs: 500 }, at));
    const outcomes = await Promise.all(Array.from({ length: 30 }, () => take(now)));
    const taken = outcomes.filter((fullAt) => fullAt !== undefined).sort();
    expect(taken).toEqual([100, 200, 300, 400, 500].map((ms) => now.getTime() + ms));
    const soon = new Date(now.getTime() + 250);
    expect([await take(soon), await take(soon), await take(soon)]).toEqual([
      now.getTime() + 600,
      now.getTime() + 700,
      undefined,
    ]);
    await store.purgeExpired(soon, 5000);
    expect(await take(soon)).toBeUndefined();
    await store.purgeExpired(later(10), 5000);
    expect(await take(later(10))).toBe(later(10).getTime() + 100);
  });
}
