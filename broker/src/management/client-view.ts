import type { Client } from '../core/client.ts';
import type { JsonObject } from '../core/json.ts';
import type { Vault } from '../vault/vault.ts';
import { settingsOf } from '../wire/management/client-object.ts';
import { isDetached } from './attach-keys.ts';
import type { Caller } from './caller.ts';

const summary = ['client_id', 'app_type', 'name', 'description'];

type ViewDeps = { readonly vault: Vault; readonly certificate: string; readonly tenantName: string };

/** As much of a client as the caller's scopes show (contract: management API §3.1). */
export function viewClient(deps: ViewDeps, client: Client, { scopes }: Caller): JsonObject {
  const showsKeys = scopes.has('read:client_keys') || scopes.has('read:client_credentials');
  const showsSettings = showsKeys || scopes.has('read:clients');
  const { encryption_key: encryptionKey, ...settings } = settingsOf(client);
  const whole = {
    tenant: deps.tenantName,
    global: client.extra.global === true,
    client_id: client.id,
    ...settings,
    ...(showsKeys
      ? { ...keysOf(deps, client), ...(encryptionKey === undefined ? {} : { encryption_key: encryptionKey }) }
      : {}),
  };
  if (showsSettings) return whole;
  return Object.fromEntries(Object.entries(whole).filter(([name]) => summary.includes(name)));
}

function keysOf({ vault, certificate }: ViewDeps, client: Client): JsonObject {
  return {
    ...(client.sealedSecret === undefined
      ? {}
      : { client_secret: vault.openClientSecret(client.id, client.sealedSecret) }),
    signing_keys: [{ cert: toPem(certificate) }],
    ...(client.authMethod === 'private_key_jwt'
      ? { client_authentication_methods: { private_key_jwt: { credentials: keysInUse(client) } } }
      : {}),
  };
}

const keysInUse = ({ credentials }: Client) =>
  credentials.filter((credential) => !isDetached(credential)).map(({ id }) => ({ id }));

export const toPem = (base64: string): string =>
  `-----BEGIN CERTIFICATE-----\r\n${base64.match(/.{1,64}/g)?.join('\r\n') ?? ''}\r\n-----END CERTIFICATE-----\r\n`;
