import { expect, test } from 'vitest';
import type { ClientId, ConnectionId, KeyId, UpstreamUserId } from '../core/ids.ts';
import { parseKeyring } from './keyring.ts';
import { createVault } from './vault.ts';

const parsed = parseKeyring(`k1:${Buffer.alloc(32, 3).toString('base64')}`);
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
