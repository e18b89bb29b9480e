import { createPrivateKey, createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import type { StoredKey } from '../core/key.ts';
import type { Store } from '../store/store.ts';
import type { Vault } from '../vault/vault.ts';

/** The key that signs now. `header` is the encoded JOSE header, made once. */
export type SigningKey = { readonly kid: string; readonly privateKey: KeyObject; readonly encodedHeader: string };

export type KeySet = {
  readonly signing: SigningKey;
  /** To verify what we signed: current and previous keys by kid. */
  readonly publicKeys: ReadonlyMap<string, KeyObject>;
  /** The document at /.well-known/jwks.json, serialised once. */
  readonly jwks: string;
  /** Seals opaque access tokens; the first seals, all open. */
  readonly tokenKeys: readonly { readonly id: string; readonly key: KeyObject }[];
};

export type Keys = { read(): Promise<KeySet> };

type KeysDeps = { readonly store: Pick<Store, 'keys' | 'onConfigurationChanged'>; readonly vault: Vault };

/** Key objects are made once and kept: importing a key per signature costs more than signing. */
export function createKeys(deps: KeysDeps): Keys {
  let keySet: Promise<KeySet> | undefined;
  deps.store.onConfigurationChanged(() => {
    keySet = undefined;
  });
  return {
    read() {
      if (keySet !== undefined) return keySet;
      const loading = load(deps);
      keySet = loading;
      loading.catch(() => {
        if (keySet === loading) keySet = undefined;
      });
      return loading;
    },
  };
}

async function load({ store, vault }: KeysDeps): Promise<KeySet> {
  const stored = await store.keys.list();
  const signingKeys = stored.filter(({ use }) => use === 'signing');
  const current = signingKeys.find(({ state }) => state === 'current');
  const tokenKeys = [...stored.filter(({ use }) => use === 'token')].sort(byState);
  if (current === undefined || tokenKeys.length === 0) throw new Error('the tenant has no keys: setup has not run');
  return {
    signing: {
      kid: current.id,
      privateKey: createPrivateKey({
        key: vault.openKey(current.id, current.sealedMaterial),
        format: 'der',
        type: 'pkcs8',
      }),
      encodedHeader: encodeHeader(current.id),
    },
    publicKeys: new Map(
      signingKeys.map(({ id, publicJwk }) => [id, createPublicKey({ key: { ...publicJwk }, format: 'jwk' })]),
    ),
    jwks: JSON.stringify({ keys: [...signingKeys].sort(byState).map(({ publicJwk }) => publicJwk) }),
    tokenKeys: tokenKeys.map(({ id, sealedMaterial }) => ({
      id,
      key: createSecretKey(vault.openKey(id, sealedMaterial)),
    })),
  };
}

const order: Record<StoredKey['state'], number> = { current: 0, next: 1, previous: 2 };
const byState = (left: StoredKey, right: StoredKey): number => order[left.state] - order[right.state];

const encodeHeader = (kid: string): string =>
  Buffer.from(JSON.stringify({ alg: 'RS256', typ: 'JWT', kid })).toString('base64url');
