import type { JsonObject } from '../core/json.ts';
import type { Store } from '../store/store.ts';
import type { Snapshot } from '../tenant/directory.ts';
import type { Vault } from '../vault/vault.ts';
import type { SignIn } from './sign-in.ts';

export type IdentitiesDeps = {
  readonly store: Pick<Store, 'identities'>;
  readonly vault: Pick<Vault, 'openTokenset'>;
};

/** `user.identities`, once without and once with the providers' tokens. */
export type ShownIdentities = {
  readonly plain: readonly JsonObject[];
  /** Opened when it is called, for one run. */
  open(): { readonly identities: readonly JsonObject[]; readonly tokens: readonly string[] };
};

/** One read per sign-in; the identity that the person came in with is the first. */
export async function readIdentities(
  { store, vault }: IdentitiesDeps,
  { user, tenant, connection }: Pick<SignIn, 'user' | 'tenant' | 'connection'>,
): Promise<ShownIdentities> {
  const stored = await store.identities.listByUser(user.id);
  const sorted = [...stored].sort(
    (left, right) => Number(right.connectionId === connection.id) - Number(left.connectionId === connection.id),
  );
  const plain = sorted.map(({ connectionId, upstreamUserId }) => toShown(tenant, connectionId, upstreamUserId));
  return {
    plain,
    open() {
      const opened = sorted.map(({ connectionId, upstreamUserId, sealedTokenset }) =>
        sealedTokenset === undefined ? undefined : vault.openTokenset(connectionId, upstreamUserId, sealedTokenset),
      );
      return {
        identities: plain.map((identity, index) => {
          const accessToken = opened[index]?.accessToken;
          return accessToken === undefined ? identity : { ...identity, access_token: accessToken };
        }),
        tokens: opened.flatMap((tokenset) =>
          [tokenset?.accessToken, tokenset?.refreshToken, tokenset?.idToken].filter((token) => token !== undefined),
        ),
      };
    },
  };
}

function toShown(tenant: Snapshot, connectionId: SignIn['connection']['id'], upstreamUserId: string): JsonObject {
  const connection = tenant.findConnection(connectionId);
  return {
    connection: connection?.name ?? connectionId,
    provider: connection?.strategy ?? 'oauth2',
    user_id: upstreamUserId,
    isSocial: true,
  };
}
