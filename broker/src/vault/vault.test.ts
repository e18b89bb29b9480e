import { expect, test } from 'vitest';
import type { ClientId, ConnectionId, KeyId, TraceId, UpstreamUserId } from '../core/ids.ts';
import { parseKeyring } from './keyring.ts';
import { createVault } from './vault.ts';

const parsed = parseKeyring(`k1:${Buffer.from([...Array(32).keys()]).toString('base64')}`);
if (!('keyring' in parsed)) throw new Error('a bad keyring');
const vault = createVault(parsed);

const here = 'con_a' as ConnectionId;
const there = 'con_b' as ConnectionId;
const ada = '9007199254740993' as UpstreamUserId;
const bob = '9007199254740992' as UpstreamUserId;
const full = {
  accessToken: 'at',
  refreshToken: 'rt',
  idToken: 'a.b.c',
  tokenType: 'Bearer',
  scope: 'a b',
  expiresAt: new Date('2030-01-02T03:04:05.678Z'),
};
const bare = { ...full, refreshToken: undefined, idToken: undefined, scope: undefined, expiresAt: undefined };

test.each([full, bare])('a tokenset opens to what it was, absent members absent', (tokenset) => {
  expect(vault.openTokenset(here, ada, vault.sealTokenset(here, ada, tokenset))).toEqual(tokenset);
});

test('a tokenset opens for its own identity only: neither for the id next to it nor at another connection', () => {
  const sealed = vault.sealTokenset(here, ada, full);
  expect(() => vault.openTokenset(here, bob, sealed)).toThrow();
  expect(() => vault.openTokenset(there, ada, sealed)).toThrow();
  // The same text in another division.
  expect(() => vault.openTokenset('con_a|9007' as ConnectionId, '199254740993' as UpstreamUserId, sealed)).toThrow();
});

test('what was sealed as one kind of secret does not open as another', () => {
  const id: string = 'same-id';
  const secret = vault.sealClientSecret(id as ClientId, 'secret');
  expect(vault.openClientSecret(id as ClientId, secret)).toBe('secret');
  expect(() => vault.openKey(id as KeyId, secret)).toThrow();
});

test('an attempt opens to what it was, and for its own trace id only', () => {
  const attempt = {
    traceId: 'trace-1' as TraceId,
    at: new Date('2030-01-02T03:04:05.678Z'),
    clientId: undefined,
    connectionId: here,
    userId: undefined,
    isFailed: true,
    steps: [{ step: 'script.run', atMs: 3, fields: { ms: 2 } }],
    runs: [{ source: 'function () {}' }],
    failure: { error: 'invalid_request' },
  };
  const stored = vault.sealAttempt(attempt, new Date('2030-01-05T03:04:05.678Z'));
  expect(vault.openAttempt(stored)).toEqual(attempt);
  expect(() => vault.openAttempt({ ...stored, traceId: 'trace-2' as TraceId })).toThrow();
});
