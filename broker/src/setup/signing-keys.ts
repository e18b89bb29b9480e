import { X509Certificate } from 'node:crypto';
import { addSeconds, type Clock } from '../core/clock.ts';
import type { StoredKey } from '../core/key.ts';
import type { Store, Write } from '../store/store.ts';
import type { Vault } from '../vault/vault.ts';
import { createSigningKey } from './signing-key.ts';

/*
 * Rotation: the next key signs from now on, the current one only verifies, and a new next one is published. What signs was
 * published before by every broker, so whoever fetches the key set anywhere, at any moment, finds the key of a token.
 */

export type SigningKeysDeps = {
  readonly store: Pick<Store, 'keys' | 'exclusively' | 'writeAll'>;
  readonly vault: Vault;
  readonly clock: Clock;
  /** Written together with the change. */
  readonly also?: readonly Write<unknown>[];
};

/** Longer than any broker, and any verifier that asks again for a key it does not know, takes to hear of a new one. */
const publishedSeconds = 60;

/** `too-early`: the next key has not been published for a minute. `no-keys`: the tenant has not been set up. */
export type Rotation =
  | { readonly kind: 'rotated'; readonly signing: StoredKey }
  | { readonly kind: 'too-early'; readonly until: Date }
  | { readonly kind: 'no-keys' };

/** `hurry`: also if the next key was published a moment ago; some verifiers will then refuse new tokens for a while. */
export const rotateSigningKeys = (deps: SigningKeysDeps, pace: 'safe' | 'hurry' = 'safe'): Promise<Rotation> =>
  deps.store.exclusively('keys', async () => {
    const { store, clock } = deps;
    const now = clock.now();
    const keys = await listSigningKeys(store);
    const current = keys.find(({ state }) => state === 'current');
    const next = keys.find(({ state }) => state === 'next');
    if (current === undefined || next === undefined) return { kind: 'no-keys' };
    const until = addSeconds(next.createdAt, publishedSeconds);
    if (pace === 'safe' && until > now) return { kind: 'too-early', until };
    const fresh = await createNext(deps, current);
    await store.writeAll([
      store.keys.setState(current.id, 'previous', now),
      store.keys.setState(next.id, 'current', now),
      store.keys.create(fresh),
      ...(deps.also ?? []),
    ]);
    return { kind: 'rotated', signing: { ...next, state: 'current', currentSince: now } };
  });

/** `current`: what signs cannot be revoked, rotate first. */
export type Revocation = 'revoked' | 'current' | 'unknown';

/** From now on nothing that this key signed is ours. A next key is replaced by another one. */
export const revokeSigningKey = (deps: SigningKeysDeps, id: string): Promise<Revocation> =>
  deps.store.exclusively('keys', async () => {
    const { store } = deps;
    const key = (await listSigningKeys(store)).find((candidate) => candidate.id === id);
    if (key === undefined) return 'unknown';
    if (key.state === 'current') return 'current';
    const replacement = key.state === 'next' ? [store.keys.create(await createNext(deps, key))] : [];
    await store.writeAll([store.keys.delete(key.id), ...replacement, ...(deps.also ?? [])]);
    return 'revoked';
  });

/** Next, current, then previous ones, the newest first. */
export async function listSigningKeys(store: Pick<Store, 'keys'>): Promise<readonly StoredKey[]> {
  const keys = (await store.keys.list()).filter(({ use }) => use === 'signing');
  return keys.sort(
    (left, right) => order[left.state] - order[right.state] || right.createdAt.getTime() - left.createdAt.getTime(),
  );
}

const order: Record<StoredKey['state'], number> = { next: 0, current: 1, previous: 2 };

const createNext = ({ vault, clock }: SigningKeysDeps, like: StoredKey): Promise<StoredKey> =>
  createSigningKey(vault, { state: 'next', name: nameOf(like), now: clock.now() });

/** The host that the certificates of this tenant are made out to. */
function nameOf({ publicJwk: { x5c } }: StoredKey): string {
  const certificate = new X509Certificate(Buffer.from(Array.isArray(x5c) ? String(x5c[0]) : '', 'base64'));
  return certificate.subject.replace(/^CN=/, '');
}
