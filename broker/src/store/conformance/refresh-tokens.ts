import { expect, test } from 'vitest';
import type { HandleHash } from '../../core/ids.ts';
import type { RefreshToken } from '../../core/session.ts';
import { createPerson, later, now, sampleRefreshToken, sampleRevokedGrant } from './samples.ts';
import type { Subject } from './subject.ts';

export function refreshTokenTests(subject: Subject): void {
  async function createToken(more: Partial<RefreshToken> = {}): Promise<RefreshToken> {
    const { store } = subject;
    const { connection, user } = await createPerson(store);
    const token = sampleRefreshToken(user.id, connection.id, more);
    await store.write(store.refreshTokens.create(token));
    return token;
  }

  const toSuccessor = (token: RefreshToken): RefreshToken => ({
    ...sampleRefreshToken(token.userId, token.connectionId),
    grantId: token.grantId,
    clientId: token.clientId,
  });

  const use = (idleExpiresAt: Date | undefined) => ({
    idleExpiresAt,
    at: later(2),
    seenFrom: { ip: '192.0.2.9', userAgent: 'Another browser' },
  });

  async function exchange(token: RefreshToken, { at = later(1), leewaySeconds = 0 } = {}) {
    const { store } = subject;
    const successor = toSuccessor(token);
    const [consumed, isCreated] = await store.writeAll([
      store.refreshTokens.consume(token.tokenHash, { at, successorId: successor.id, leewaySeconds }),
      store.refreshTokens.createSuccessor(token.tokenHash, successor),
    ]);
    expect(isCreated).toBe(consumed !== undefined);
    const found = await store.refreshTokens.find(successor.tokenHash);
    expect(found).toEqual(isCreated ? successor : undefined);
    return isCreated ? successor : undefined;
  }

  test('a refresh token comes back as it was kept', async () => {
    const token = await createToken({ sid: undefined, audience: undefined, expiresAt: undefined });
    expect(await subject.store.refreshTokens.find(token.tokenHash)).toEqual(token);
    expect(await subject.store.refreshTokens.find('unknown' as HandleHash)).toBeUndefined();
  });

  test('of 50 parallel exchanges exactly one succeeds and has the only successor', async () => {
    const token = await createToken();
    const successors = await Promise.all(Array.from({ length: 50 }, () => exchange(token)));
    const [successor, ...others] = successors.filter((each) => each !== undefined);
    expect(others).toEqual([]);
    expect(await subject.store.refreshTokens.find(token.tokenHash)).toEqual({
      ...token,
      consumedAt: later(1),
      successorId: successor?.id,
    });
  });

  test('a used token is refused, also by a broker whose clock is behind', async () => {
    const token = await createToken();
    expect(await exchange(token, { at: later(10) })).toBeDefined();
    expect(await exchange(token, { at: later(10) })).toBeUndefined();
    expect(await exchange(token, { at: later(5) })).toBeUndefined();
    expect(await exchange(token, { at: later(20) })).toBeUndefined();
  });

  test('an expired, idle or unknown token is refused', async () => {
    const expired = await createToken({ expiresAt: later(1), idleExpiresAt: undefined });
    expect(await exchange(expired, { at: later(1) })).toBeUndefined();
    const idle = await createToken({ expiresAt: undefined, idleExpiresAt: later(1) });
    expect(await exchange(idle, { at: later(1) })).toBeUndefined();
    expect(await exchange({ ...idle, tokenHash: 'unknown' as HandleHash })).toBeUndefined();
    const eternal = await createToken({ expiresAt: undefined, idleExpiresAt: undefined });
    expect(await exchange(eternal, { at: later(1e9) })).toBeDefined();
  });

  test('a token of a revoked grant is refused', async () => {
    const { store } = subject;
    const token = await createToken();
    await store.write(store.grants.revoke(sampleRevokedGrant(token)));
    expect(await exchange(token)).toBeUndefined();
    expect(await store.write(store.refreshTokens.touch(token.tokenHash, use(later(9999))))).toBeUndefined();
  });

  test('leeway lets the previous token through while no successor was used, counted from its first use', async () => {
    const token = await createToken();
    const leewaySeconds = 30;
    expect(await exchange(token, { at: later(0), leewaySeconds })).toBeDefined();
    expect(await exchange(token, { at: later(20), leewaySeconds })).toBeDefined();
    expect(await exchange(token, { at: later(30), leewaySeconds })).toBeUndefined();
  });

  test('leeway ends when any successor is used', async () => {
    const token = await createToken();
    const leewaySeconds = 30;
    const first = await exchange(token, { at: later(0), leewaySeconds });
    const second = await exchange(token, { at: later(1), leewaySeconds });
    expect(second).toBeDefined();
    expect(first && (await exchange(first, { at: later(2), leewaySeconds }))).toBeDefined();
    expect(await exchange(token, { at: later(3), leewaySeconds })).toBeUndefined();
  });

  test('of the successors within leeway the first that is used goes on, and the others are dead', async () => {
    const token = await createToken();
    const leewaySeconds = 30;
    const siblings = [];
    for (let at = 0; at < 5; at += 1) siblings.push(await exchange(token, { at: later(at), leewaySeconds }));
    const used = await Promise.all(siblings.map((sibling) => sibling && exchange(sibling, { at: later(6) })));
    const [leaf, ...others] = used.filter((each) => each !== undefined);
    expect(others).toEqual([]);
    expect(leaf && (await exchange(leaf, { at: later(7) }))).toBeDefined();
    for (const sibling of siblings) {
      expect(sibling && (await exchange(sibling, { at: later(8), leewaySeconds: 0 }))).toBeUndefined();
    }
  });

  test('of one person at one client the newest 200 stay; used ones do not count', async () => {
    const { store } = subject;
    const first = await createToken({ createdAt: later(-1) });
    const more = (index: number): RefreshToken => ({ ...toSuccessor(first), createdAt: later(index) });
    const others = Array.from({ length: 198 }, (_, index) => more(index));
    for (const other of others) await store.write(store.refreshTokens.create(other));
    await exchange(others[0] ?? first);
    const stranger = { ...more(0), clientId: 'another' as RefreshToken['clientId'] };
    await store.write(store.refreshTokens.create(stranger));
    await store.write(store.refreshTokens.create(more(500)));
    expect(await store.refreshTokens.find(first.tokenHash)).toBeDefined();
    await store.write(store.refreshTokens.create(more(501)));
    expect(await store.refreshTokens.find(first.tokenHash)).toBeUndefined();
    expect(await store.refreshTokens.find(stranger.tokenHash)).toBeDefined();
    for (const other of others) expect(await store.refreshTokens.find(other.tokenHash)).toBeDefined();
  });

  test('after a switch of rotation, an exchange drops what is left of the other mode for the same audience', async () => {
    const { store } = subject;
    const token = await createToken({ isRotating: false });
    const like = (part: Partial<RefreshToken>): RefreshToken => ({ ...toSuccessor(token), isRotating: false, ...part });
    const [left, older, sameMode, elsewhere] = [
      like({}),
      like({ isRotating: undefined }),
      like({ isRotating: true }),
      like({ audience: undefined }),
    ] as const;
    await store.writeAll([left, older, sameMode, elsewhere].map((each) => store.refreshTokens.create(each)));
    const successor = toSuccessor(token);
    expect(await store.write(store.refreshTokens.dropOtherMode(token.tokenHash, successor))).toBe(0);
    const [, , dropped] = await store.writeAll([
      store.refreshTokens.consume(token.tokenHash, { at: later(1), successorId: successor.id, leewaySeconds: 0 }),
      store.refreshTokens.createSuccessor(token.tokenHash, successor),
      store.refreshTokens.dropOtherMode(token.tokenHash, successor),
    ]);
    expect(dropped).toBe(2);
    for (const kept of [token, sameMode, elsewhere, successor]) {
      expect(await store.refreshTokens.find(kept.tokenHash)).toBeDefined();
    }
  });

  test('a used token that never expires is purged in the end, an unused one never', async () => {
    const { store } = subject;
    const eternal = { expiresAt: undefined, idleExpiresAt: undefined };
    const [used, unused] = [await createToken(eternal), await createToken(eternal)];
    await exchange(used, { at: now });
    await store.purgeExpired(later(2_591_999), 1000);
    expect(await store.refreshTokens.find(used.tokenHash)).toBeDefined();
    await store.purgeExpired(later(2_592_000), 1000);
    expect(await store.refreshTokens.find(used.tokenHash)).toBeUndefined();
    expect(await store.refreshTokens.find(unused.tokenHash)).toBeDefined();
  });

  test('tokens of a deleted person are remembered for their client until they would have ended, used ones are not', async () => {
    const { store } = subject;
    const token = await createToken({ idleExpiresAt: undefined, expiresAt: later(100) });
    const [eternal, used] = [
      { ...toSuccessor(token), expiresAt: undefined, idleExpiresAt: undefined },
      toSuccessor(token),
    ] as const;
    await store.writeAll([store.refreshTokens.create(eternal), store.refreshTokens.create(used)]);
    await exchange(used);
    expect(await store.refreshTokens.isOrphaned(token.tokenHash, token.clientId)).toBe(false);
    await store.write(store.users.delete(token.userId));
    expect(await store.refreshTokens.find(token.tokenHash)).toBeUndefined();
    for (const [{ tokenHash }, isOrphaned] of [
      [token, true],
      [eternal, true],
      [used, false],
    ] as const) {
      expect(await store.refreshTokens.isOrphaned(tokenHash, token.clientId)).toBe(isOrphaned);
      expect(await store.refreshTokens.isOrphaned(tokenHash, 'another' as RefreshToken['clientId'])).toBe(false);
    }
    await store.purgeExpired(later(100), 1000);
    expect(await store.refreshTokens.isOrphaned(token.tokenHash, token.clientId)).toBe(false);
    expect(await store.refreshTokens.isOrphaned(eternal.tokenHash, token.clientId)).toBe(true);
  });

  test('a successor that is not the one that consumed the token is not inserted', async () => {
    const { store } = subject;
    const token = await createToken();
    const stranger = toSuccessor(token);
    expect(await store.write(store.refreshTokens.createSuccessor(token.tokenHash, stranger))).toBe(false);
    expect(await store.refreshTokens.find(stranger.tokenHash)).toBeUndefined();
  });

  test('a use moves the idle expiry forward, never back, or takes it away', async () => {
    const { store } = subject;
    const token = await createToken();
    const touched = await store.write(store.refreshTokens.touch(token.tokenHash, use(later(5000))));
    expect(touched).toEqual({
      ...token,
      idleExpiresAt: later(5000),
      lastExchangedAt: later(2),
      device: { initial: token.device.initial, last: { ip: '192.0.2.9', userAgent: 'Another browser' } },
    });
    await store.write(store.refreshTokens.touch(token.tokenHash, use(later(4000))));
    expect((await store.refreshTokens.find(token.tokenHash))?.idleExpiresAt).toEqual(later(5000));
    await store.write(store.refreshTokens.touch(token.tokenHash, use(undefined)));
    expect((await store.refreshTokens.find(token.tokenHash))?.idleExpiresAt).toBeUndefined();
    expect((await store.write(store.refreshTokens.touch(token.tokenHash, use(now))))?.idleExpiresAt).toEqual(now);
    expect(await store.write(store.refreshTokens.touch('unknown' as HandleHash, use(now)))).toBeUndefined();
  });

  test('a token that was exchanged cannot be used without rotation', async () => {
    const { store } = subject;
    const token = await createToken();
    await exchange(token);
    expect(await store.write(store.refreshTokens.touch(token.tokenHash, use(later(9999))))).toBeUndefined();
  });

  test('all tokens of a grant are deleted together', async () => {
    const { store } = subject;
    const token = await createToken();
    const successor = await exchange(token);
    expect(await store.write(store.refreshTokens.deleteByGrant(token.grantId))).toBe(2);
    expect(await store.write(store.refreshTokens.deleteByGrant(token.grantId))).toBe(0);
    expect(successor && (await store.refreshTokens.find(successor.tokenHash))).toBeUndefined();
  });

  test('a successor has the metadata that its predecessor has by then, which nobody changes afterwards', async () => {
    const { refreshTokens } = subject.store;
    const token = await createToken();
    await subject.store.write(refreshTokens.putMetadata(token.id, { place: 'Turin' }));
    const successor = toSuccessor(token);
    await subject.store.writeAll([
      refreshTokens.consume(token.tokenHash, { at: later(1), successorId: successor.id, leewaySeconds: 0 }),
      refreshTokens.createSuccessor(token.tokenHash, successor),
    ]);
    expect((await refreshTokens.find(successor.tokenHash))?.metadata).toEqual({ place: 'Turin' });
    await expect(subject.store.write(refreshTokens.putMetadata(token.id, {}))).rejects.toMatchObject({
      code: 'conflict',
    });
    await subject.store.write(refreshTokens.putMetadata(successor.id, {}));
    expect((await refreshTokens.find(successor.tokenHash))?.metadata).toEqual({});
  });

  test('tokens are listed by their ids, and everybody’s in chunks that leave none out', async () => {
    const { refreshTokens } = subject.store;
    const tokens = [await createToken(), await createToken(), await createToken()];
    const [first, second] = tokens;
    const found = await refreshTokens.listByIds([String(first?.id), String(second?.id), 'rt_none']);
    expect(new Set(found)).toEqual(new Set([first, second]));
    const all: RefreshToken[] = [];
    for (let more: readonly RefreshToken[] = [], after: string | undefined; all.length < 10_000; ) {
      more = await refreshTokens.listAfter(after, 2);
      all.push(...more);
      if (more.length < 2) break;
      after = more[1]?.id;
    }
    expect(all).toEqual(expect.arrayContaining(tokens));
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  });
}
