import type { Connection, ConnectionOptions, StoredConnection } from '../core/connection.ts';
import type { ClientId, ConnectionId, KeyId, Sealed, UpstreamUserId } from '../core/ids.ts';
import type { Tokenset } from '../core/tokenset.ts';
import type { Keyring } from './keyring.ts';
import { createSealer } from './seal.ts';

/*
 * vault/: seals secrets; keeps, opens and refreshes tokensets.
 *
 * The only room that sees sealing keys. What it seals is bound to its row; what it opens lives in memory only.
 */

export type Vault = {
  sealTokenset(connectionId: ConnectionId, upstreamUserId: UpstreamUserId, tokenset: Tokenset): Sealed;
  openTokenset(connectionId: ConnectionId, upstreamUserId: UpstreamUserId, sealed: Sealed): Tokenset;
  sealConnection(connection: Connection): StoredConnection;
  openConnection(stored: StoredConnection): Connection;
  sealClientSecret(clientId: ClientId, secret: string): Sealed;
  openClientSecret(clientId: ClientId, sealed: Sealed): string;
  sealKey(keyId: KeyId, material: Uint8Array): Sealed;
  openKey(keyId: KeyId, sealed: Sealed): Buffer;
};

export function createVault({ keyring }: { readonly keyring: Keyring }): Vault {
  const sealer = createSealer(keyring);
  const tokensetPlace = (connectionId: ConnectionId, upstreamUserId: UpstreamUserId) => ({
    table: 'identities',
    column: 'sealed_tokenset',
    row: `${connectionId}|${upstreamUserId}`,
  });
  const optionsPlace = (id: ConnectionId) => ({ table: 'connections', column: 'sealed_options', row: id });
  const secretPlace = (id: ClientId) => ({ table: 'clients', column: 'sealed_secret', row: id });
  const keyPlace = (id: KeyId) => ({ table: 'keys', column: 'sealed_material', row: id });

  return {
    sealTokenset: (connectionId, upstreamUserId, tokenset) =>
      sealer.seal(JSON.stringify(tokenset), tokensetPlace(connectionId, upstreamUserId)),
    openTokenset: (connectionId, upstreamUserId, sealed) =>
      reviveTokenset(JSON.parse(sealer.open(sealed, tokensetPlace(connectionId, upstreamUserId)).toString('utf8'))),
    sealConnection: ({ options, ...rest }) => ({
      ...rest,
      sealedOptions: sealer.seal(JSON.stringify(options), optionsPlace(rest.id)),
    }),
    openConnection: ({ sealedOptions, ...rest }) => ({
      ...rest,
      options: JSON.parse(sealer.open(sealedOptions, optionsPlace(rest.id)).toString('utf8')) as ConnectionOptions,
    }),
    sealClientSecret: (clientId, secret) => sealer.seal(secret, secretPlace(clientId)),
    openClientSecret: (clientId, sealed) => sealer.open(sealed, secretPlace(clientId)).toString('utf8'),
    sealKey: (keyId, material) => sealer.seal(material, keyPlace(keyId)),
    openKey: (keyId, sealed) => sealer.open(sealed, keyPlace(keyId)),
  };
}

function reviveTokenset(parsed: Tokenset & { readonly expiresAt?: string }): Tokenset {
  return {
    accessToken: parsed.accessToken,
    refreshToken: parsed.refreshToken,
    idToken: parsed.idToken,
    tokenType: parsed.tokenType,
    scope: parsed.scope,
    expiresAt: parsed.expiresAt === undefined ? undefined : new Date(parsed.expiresAt),
  };
}
