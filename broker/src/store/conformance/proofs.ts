import { expect, test } from 'vitest';
import type { ClientId, HandleHash } from '../../core/ids.ts';
import { createPerson, later, now, sampleCode, sampleRefreshToken, sampleResourceServer, sealed } from './samples.ts';
import type { Subject } from './subject.ts';

export function proofTests(subject: Subject): void {
  test('a proof can be spent once, however many try at the same moment, and is forgotten after its time', async () => {
    const { store } = subject;
    const hash = 'proof-hash' as HandleHash;
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, () => store.write(store.spentProofs.spend(hash, later(1000)))),
    );
    expect(outcomes.filter((isFirst) => isFirst)).toHaveLength(1);
    await store.purgeExpired(now, 5000);
    expect(await store.write(store.spentProofs.spend(hash, later(1000)))).toBe(false);
    await store.purgeExpired(later(1000), 5000);
    expect(await store.write(store.spentProofs.spend(hash, later(3000)))).toBe(true);
  });

  test('a pushed request is taken once, and by its own client only', async () => {
    const { store } = subject;
    const clientId = 'pushing-client' as ClientId;
    const request = {
      uriHash: 'uri-hash' as HandleHash,
      clientId,
      parameters: { scope: 'openid', state: 'ö' },
      expiresAt: later(1000),
    };
    await store.write(store.pushedRequests.create(request));
    const take = (id: ClientId) => store.write(store.pushedRequests.take(request.uriHash, id));
    expect(await take('another-client' as ClientId)).toBeUndefined();
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => take(clientId)));
    expect(outcomes.filter((outcome) => outcome !== undefined)).toEqual([request]);
    await store.write(store.pushedRequests.create(request));
    await store.purgeExpired(later(1000), 5000);
    expect(await take(clientId)).toBeUndefined();
  });

  test('codes and refresh tokens keep the key that they are bound to, across a rotation', async () => {
    const { store } = subject;
    const { connection, user } = await createPerson(store);
    const keyThumbprint = 'thumbprint';
    const code = { ...sampleCode(user.id, connection.id), keyThumbprint };
    await store.write(store.codes.create(code));
    expect(await store.codes.find(code.codeHash)).toEqual(code);
    const token = { ...sampleRefreshToken(user.id, connection.id), keyThumbprint };
    const successor = { ...sampleRefreshToken(user.id, connection.id), grantId: token.grantId, keyThumbprint };
    await store.write(store.refreshTokens.create(token));
    expect(await store.refreshTokens.find(token.tokenHash)).toEqual(token);
    await store.writeAll([
      store.refreshTokens.consume(token.tokenHash, { at: now, successorId: successor.id, leewaySeconds: 0 }),
      store.refreshTokens.createSuccessor(token.tokenHash, successor),
    ]);
    expect(await store.refreshTokens.find(successor.tokenHash)).toEqual(successor);
  });

  test('an API keeps its sealed signing secret', async () => {
    const { store } = subject;
    const api = {
      ...sampleResourceServer(),
      signingAlgorithm: 'HS256' as const,
      sealedSigningSecret: sealed(1, 0, 2),
    };
    await store.write(store.resourceServers.create(api));
    const kept = (await store.resourceServers.list()).find(({ id }) => id === api.id);
    expect(kept).toEqual(api);
  });
}
