import { createPrivateKey, createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import type { JsonObject } from '../core/json.ts';
import type { StoredKey } from '../core/key.ts';
import type { Store } from '../store/store.ts';
import type { Directory } from '../tenant/directory.ts';
import type { Vault } from '../vault/vault.ts';
import { deriveNonceKey } from './dpop/nonces.ts';

export type KeyAlgorithm = 'RS256' | 'PS256';
/** The `typ` of a JWT of ours. */
export type JwtType = 'JWT' | 'at+jwt' | 'logout+jwt';

/** The key that signs now. `encodedHeaders` are the JOSE headers, made once. */
export type SigningKey = {
  readonly privateKey: KeyObject;
  readonly encodedHeaders: Readonly<Record<KeyAlgorithm, Readonly<Record<JwtType, string>>>>;
};

export type KeySet = {
  readonly signing: SigningKey;
  /** To verify what we signed: next, current and previous keys by kid, each for one algorithm. */
  readonly publicKeys: ReadonlyMap<string, { readonly algorithm: KeyAlgorithm; readonly key: KeyObject }>;
  /** The document at /.well-known/jwks.json, serialised once. */
  readonly jwks: string;
  /** The certificate of the key that signs now, base64 of its DER. */
  readonly certificate: string;
  /** Seals opaque access tokens; the first seals, all open. */
  readonly tokenKeys: readonly { readonly id: string; readonly key: KeyObject }[];
  /** Makes the nonces of DPoP proofs. */
  readonly nonceKey: Buffer;
};

export type Keys = { read(): Promise<KeySet> };

type KeysDeps = {
  readonly store: Pick<Store, 'keys' | 'onConfigurationChanged'>;
  readonly directory: Directory;
  readonly vault: Vault;
};

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

async function load({ store, directory, vault }: KeysDeps): Promise<KeySet> {
  const [stored, tenant] = await Promise.all([store.keys.list(), directory.read()]);
  const signingKeys = stored.filter(({ use }) => use === 'signing').sort(byState);
  const current = signingKeys.find(({ state }) => state === 'current');
  const tokenKeys = stored
    .filter(({ use }) => use === 'token')
    .sort(byState)
    .map(({ id, sealedMaterial }) => ({ id, key: createSecretKey(vault.openKey(id, sealedMaterial)) }));
  const [tokenKey] = tokenKeys;
  if (current === undefined || tokenKey === undefined) throw new Error('the tenant has no keys: setup has not run');
  const privateKey = createPrivateKey({
    key: vault.openKey(current.id, current.sealedMaterial),
    format: 'der',
    type: 'pkcs8',
  });
  return {
    signing: { privateKey, encodedHeaders: encodeHeaders(current.id) },
    publicKeys: new Map(signingKeys.flatMap(toPublicKeys)),
    jwks: JSON.stringify({ keys: signingKeys.flatMap((key) => toJwks(key, tenant.signsWith('PS256'))) }),
    certificate: certificateOf(current.publicJwk),
    tokenKeys,
    nonceKey: deriveNonceKey(tokenKey.key),
  };
}

const order: Record<StoredKey['state'], number> = { current: 0, next: 1, previous: 2 };
const byState = (left: StoredKey, right: StoredKey): number => order[left.state] - order[right.state];

/** A JWK is for one algorithm (RFC 7517 §4.4): with PS256 the same key is published under a name of its own. */
const kidOf = (id: string, algorithm: KeyAlgorithm): string => (algorithm === 'RS256' ? id : `${id}.${algorithm}`);

const toPublicKeys = ({ id, publicJwk }: StoredKey) => {
  const key = createPublicKey({ key: { ...publicJwk }, format: 'jwk' });
  return (['RS256', 'PS256'] as const).map((algorithm) => [kidOf(id, algorithm), { algorithm, key }] as const);
};

const toJwks = ({ id, publicJwk }: StoredKey, isForPss: boolean): JsonObject[] =>
  isForPss ? [publicJwk, { ...publicJwk, kid: kidOf(id, 'PS256'), alg: 'PS256' }] : [publicJwk];

const certificateOf = ({ x5c }: JsonObject): string => (Array.isArray(x5c) ? String(x5c[0]) : '');

function encodeHeaders(id: string): SigningKey['encodedHeaders'] {
  const encode = (alg: KeyAlgorithm, typ: JwtType): string =>
    Buffer.from(JSON.stringify({ alg, typ, kid: kidOf(id, alg) })).toString('base64url');
  const ofAlgorithm = (alg: KeyAlgorithm) => ({
    JWT: encode(alg, 'JWT'),
    'at+jwt': encode(alg, 'at+jwt'),
    'logout+jwt': encode(alg, 'logout+jwt'),
  });
  return { RS256: ofAlgorithm('RS256'), PS256: ofAlgorithm('PS256') };
}
