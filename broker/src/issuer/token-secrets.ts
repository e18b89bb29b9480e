import { createSecretKey, type KeyObject } from 'node:crypto';
import type { Client, ResourceServer } from '../core/client.ts';
import type { Vault } from '../vault/vault.ts';

/** What HS256 signs with, opened once for as long as the client or API stays as it is. undefined: it has no secret. */
export type TokenSecrets = {
  ofClient(client: Client): KeyObject | undefined;
  ofResourceServer(resourceServer: ResourceServer): KeyObject | undefined;
};

export function createTokenSecrets({ vault }: { readonly vault: Vault }): TokenSecrets {
  // By the value that the tenant's snapshot holds: a changed client or API is another value.
  const opened = new WeakMap<object, KeyObject>();
  const openOnce = (owner: object, open: () => KeyObject): KeyObject => {
    const known = opened.get(owner) ?? open();
    opened.set(owner, known);
    return known;
  };
  return {
    ofClient(client) {
      const { id, sealedSecret, isSecretEncoded } = client;
      if (sealedSecret === undefined) return undefined;
      return openOnce(client, () =>
        createSecretKey(vault.openClientSecret(id, sealedSecret), isSecretEncoded ? 'base64url' : 'utf8'),
      );
    },
    ofResourceServer(resourceServer) {
      const { id, sealedSigningSecret } = resourceServer;
      if (sealedSigningSecret === undefined) return undefined;
      return openOnce(resourceServer, () => createSecretKey(vault.openSigningSecret(id, sealedSigningSecret), 'utf8'));
    },
  };
}
