import type { Attempt, AttemptRecord, StoredAttempt } from '../core/attempt.ts';
import type {
  Connection,
  ConnectionContent,
  ConnectionOptions,
  ConnectionVersion,
  StoredConnection,
  StoredConnectionVersion,
} from '../core/connection.ts';
import type { ActionId, ClientId, ConnectionId, KeyId, Sealed, TraceId, UpstreamUserId } from '../core/ids.ts';
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
  sealConnectionVersion(version: ConnectionVersion): StoredConnectionVersion;
  openConnectionVersion(stored: StoredConnectionVersion): ConnectionVersion;
  sealClientSecret(clientId: ClientId, secret: string): Sealed;
  openClientSecret(clientId: ClientId, sealed: Sealed): string;
  sealSigningSecret(resourceServerId: string, secret: string): Sealed;
  openSigningSecret(resourceServerId: string, sealed: Sealed): string;
  sealActionSecrets(id: ActionId, secrets: Readonly<Record<string, string>>): Sealed;
  openActionSecrets(id: ActionId, sealed: Sealed): Readonly<Record<string, string>>;
  sealRuleSetting(key: string, value: string): Sealed;
  openRuleSetting(key: string, sealed: Sealed): string;
  sealKey(keyId: KeyId, material: Uint8Array): Sealed;
  openKey(keyId: KeyId, sealed: Sealed): Buffer;
  sealAttempt(attempt: Attempt, expiresAt: Date): StoredAttempt;
  openAttempt<Run extends object>(stored: StoredAttempt): Attempt<Run>;
};

export function createVault({ keyring }: { readonly keyring: Keyring }): Vault {
  const sealer = createSealer(keyring);
  const tokensetPlace = (connectionId: ConnectionId, upstreamUserId: UpstreamUserId) => ({
    table: 'identities',
    column: 'sealed_tokenset',
    row: `${connectionId}|${upstreamUserId}`,
  });
  const optionsPlace = (id: ConnectionId) => ({ table: 'connections', column: 'sealed_options', row: id });
  const versionPlace = (id: ConnectionId, number: number) => ({
    table: 'connection_versions',
    column: 'sealed_content',
    row: `${id}|${number}`,
  });
  const secretPlace = (id: ClientId) => ({ table: 'clients', column: 'sealed_secret', row: id });
  const signingSecretPlace = (id: string) => ({
    table: 'resource_servers',
    column: 'sealed_signing_secret',
    row: id,
  });
  const actionPlace = (id: ActionId) => ({ table: 'actions', column: 'sealed_secrets', row: id });
  const ruleSettingPlace = (key: string) => ({ table: 'rule_settings', column: 'sealed_value', row: key });
  const keyPlace = (id: KeyId) => ({ table: 'keys', column: 'sealed_material', row: id });
  const attemptPlace = (id: TraceId) => ({ table: 'attempts', column: 'sealed_record', row: id });

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
    sealConnectionVersion: ({ content, ...rest }) => ({
      ...rest,
      sealedContent: sealer.seal(JSON.stringify(content), versionPlace(rest.connectionId, rest.number)),
    }),
    openConnectionVersion: ({ sealedContent, ...rest }) => ({
      ...rest,
      content: JSON.parse(
        sealer.open(sealedContent, versionPlace(rest.connectionId, rest.number)).toString('utf8'),
      ) as ConnectionContent,
    }),
    sealClientSecret: (clientId, secret) => sealer.seal(secret, secretPlace(clientId)),
    openClientSecret: (clientId, sealed) => sealer.open(sealed, secretPlace(clientId)).toString('utf8'),
    sealSigningSecret: (id, secret) => sealer.seal(secret, signingSecretPlace(id)),
    openSigningSecret: (id, sealed) => sealer.open(sealed, signingSecretPlace(id)).toString('utf8'),
    sealActionSecrets: (id, secrets) => sealer.seal(JSON.stringify(secrets), actionPlace(id)),
    openActionSecrets: (id, sealed) =>
      JSON.parse(sealer.open(sealed, actionPlace(id)).toString('utf8')) as Record<string, string>,
    sealRuleSetting: (key, value) => sealer.seal(value, ruleSettingPlace(key)),
    openRuleSetting: (key, sealed) => sealer.open(sealed, ruleSettingPlace(key)).toString('utf8'),
    sealKey: (keyId, material) => sealer.seal(material, keyPlace(keyId)),
    openKey: (keyId, sealed) => sealer.open(sealed, keyPlace(keyId)),
    sealAttempt: ({ traceId, at, clientId, connectionId, userId, isFailed, ...record }, expiresAt) => ({
      ...{ traceId, at, clientId, connectionId, userId, isFailed },
      expiresAt,
      sealedRecord: sealer.seal(JSON.stringify(record), attemptPlace(traceId)),
    }),
    openAttempt: <Run extends object>({ sealedRecord, expiresAt: _, ...facts }: StoredAttempt) => ({
      ...facts,
      ...(JSON.parse(sealer.open(sealedRecord, attemptPlace(facts.traceId)).toString('utf8')) as AttemptRecord<Run>),
    }),
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
