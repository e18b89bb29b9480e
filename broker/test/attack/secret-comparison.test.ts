import * as crypto from 'node:crypto';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { hashHandle } from '../../src/core/hash.ts';
import { isSameText } from '../../src/core/secret.ts';
import { createClientAuthentication } from '../../src/issuer/authenticate-client.ts';
import { databases, useWorld } from '../support/databases.ts';
import { postToken, redeem, signIn, webSecret } from '../support/world.ts';

/*
 * API-14: how long an answer takes says nothing about a secret, because the work is the same. What is compared are hashes
 * of one length, in constant time; what is looked up is looked up by its hash. The work is counted here, and the time is
 * measured by `npm run bench -- timing`.
 */

/** Counts, and does what it always does. */
vi.mock('node:crypto', async (importOriginal) => {
  const original = await importOriginal<typeof import('node:crypto')>();
  return { ...original, hash: vi.fn(original.hash), timingSafeEqual: vi.fn(original.timingSafeEqual) };
});
const hashes = vi.mocked(crypto.hash);
const comparisons = vi.mocked(crypto.timingSafeEqual);
beforeEach(() => {
  hashes.mockClear();
  comparisons.mockClear();
});

const work = () => ({
  hashes: hashes.mock.calls.length,
  compared: comparisons.mock.calls.map(([left, right]) => [left.byteLength, right.byteLength]),
});

const secret = 'the-secret-of-a-client-0123456789';
const wrong = {
  'at its first letter': `X${secret.slice(1)}`,
  'at its last letter': `${secret.slice(0, -1)}X`,
  'by its length': secret.slice(0, 20),
  'by being long': secret.repeat(20),
  'by being empty': '',
};

test('API-14: two texts are compared as hashes of one length, whatever their own', () => {
  expect(isSameText(secret, secret)).toBe(true);
  const same = work();
  for (const other of Object.values(wrong)) {
    hashes.mockClear();
    comparisons.mockClear();
    expect(isSameText(secret, other)).toBe(false);
    expect(work()).toEqual(same);
  }
  expect(same.compared).toEqual([[43, 43]]);
});

describe('API-14: a client that proves itself', () => {
  const clients = new Map(
    [
      { id: 'known', authMethod: 'client_secret_post', secretHash: hashHandle(secret) },
      { id: 'none', authMethod: 'client_secret_post', secretHash: undefined },
    ].map((client) => [client.id, client]),
  );
  const directory = { read: async () => ({ findClient: (id: string) => clients.get(id) }) };
  const authenticate = createClientAuthentication({ directory } as never);
  const workOf = async (client_id: string, client_secret: string, how: 'post' | 'basic') => {
    const credentials = { client_id, client_secret };
    const basic = `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}`;
    hashes.mockClear();
    comparisons.mockClear();
    const isProven = await authenticate(
      { values: how === 'post' ? credentials : {}, malformed: new Set() } as never,
      how === 'post' ? undefined : basic,
    ).then(
      () => true,
      () => false,
    );
    return { isProven, ...work() };
  };

  test.each(['post', 'basic'] as const)('by %s costs the same work, whatever is wrong', async (how) => {
    const { isProven, ...proven } = await workOf('known', secret, how);
    expect(isProven).toBe(true);
    expect(proven.compared).toEqual([[43, 43]]);
    for (const other of Object.values(wrong)) {
      expect(await workOf('known', other, how)).toEqual({ isProven: false, ...proven });
      expect(await workOf('unknown', other, how)).toEqual({ isProven: false, ...proven });
      expect(await workOf('none', other, how)).toEqual({ isProven: false, ...proven });
    }
    expect(await workOf('unknown', secret, how), 'the secret of another').toEqual({ isProven: false, ...proven });
    expect((await workOf('unknown', '', how)).isProven).toBe(false);
  });
});

describe.each(databases)('API-14: what is handed out, on %s,', (database) => {
  const getWorld = useWorld({}, database);

  test('is looked up by its hash alone, in as many steps whether it is there, nearly there or not', async () => {
    const { store } = getWorld().broker;
    const find = vi.spyOn(store.refreshTokens, 'find');
    const findCode = vi.spyOn(store.codes, 'find');
    const { answer } = await signIn(getWorld(), { scope: 'openid offline_access' });
    const token = String((await redeem(getWorld(), answer.code)).body.refresh_token);
    const asked = async (refresh_token: string) => {
      find.mockClear();
      const form = { grant_type: 'refresh_token', client_id: 'web', client_secret: webSecret, refresh_token };
      const { status } = await postToken(getWorld(), form);
      return { status, looked: find.mock.calls.length, with: find.mock.calls.flat() };
    };
    const known = await asked(token);
    expect(known).toEqual({ status: 200, looked: 1, with: [hashHandle(token)] });
    for (const other of [`X${token.slice(1)}`, `${token.slice(0, -1)}X`, token.slice(0, -1), 'x']) {
      expect(await asked(other)).toEqual({ status: 403, looked: 1, with: [hashHandle(other)] });
    }
    findCode.mockClear();
    for (const code of [`X${answer.code?.slice(1)}`, `${answer.code?.slice(0, -1)}X`, 'x']) {
      expect((await redeem(getWorld(), code)).status).toBe(403);
      expect(findCode.mock.calls.flat()).not.toContain(code);
    }
  });
});
