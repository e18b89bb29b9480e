import { servedTriggers } from '../core/action.ts';
import type { Client, ClientCredential } from '../core/client.ts';
import type { Clock } from '../core/clock.ts';
import { ConfigError } from '../core/errors.ts';
import { hashHandle } from '../core/hash.ts';
import type { ActionId, ClientId, ConnectionId, HandleHash } from '../core/ids.ts';
import { type ModulePin, pinModules } from '../core/module.ts';
import type { Random } from '../core/random.ts';
import type { Store, Write } from '../store/store.ts';
import type { Vault } from '../vault/vault.ts';
import { actionFromWire, dependenciesFromWire, ruleFromWire, secretsFromWire } from '../wire/management/actions.ts';
import { type ClientWire, clientFromWire } from '../wire/management/clients.ts';
import { connectionFromWire } from '../wire/management/connections.ts';
import {
  clientGrantFromWire,
  type ResourceServerWire,
  resourceServerFromWire,
  systemAudienceOf,
} from '../wire/management/resource-servers.ts';
import { tenantFromWire } from '../wire/management/tenant.ts';
import { tokenExchangeProfileFromWire } from '../wire/management/token-exchange-profiles.ts';
import type { SeedWire } from '../wire/seed.ts';
import { readClientCredentials } from './client-credentials.ts';
import { createSigningKey, createTokenKey } from './signing-key.ts';

/*
 * setup/: fills an empty tenant: signing keys, the system API, the seed file. It never touches a tenant that has been
 * filled, and of several brokers that start at once one does it.
 */

export type SetupDeps = {
  readonly store: Store;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly random: Random;
  readonly issuerUrl: string;
  /** The seed file's content, if one was named. */
  readonly seed: SeedWire | undefined;
  /** Whether every script has an npm module of this name. */
  readonly isBundledModule: (name: string) => boolean;
};

/** true: the tenant was empty and is filled now. */
export function setUpTenant(deps: SetupDeps): Promise<boolean> {
  return deps.store.exclusively('setup', async () => {
    await checkKeys(deps);
    if ((await deps.store.tenant.find()) !== undefined) return false;
    const writes = await firstWrites(deps, deps.seed ?? {});
    await deps.store.writeAll(writes);
    return true;
  });
}

/** The sealing keys must open what is stored: nothing may be written with the wrong ones. */
async function checkKeys({ store, vault }: SetupDeps): Promise<void> {
  for (const key of await store.keys.list()) {
    try {
      vault.openKey(key.id, key.sealedMaterial);
    } catch (cause) {
      throw new ConfigError(
        ['PORTICO_SEALING_KEYS does not open what is stored: give the keys that this database was filled with'],
        { cause },
      );
    }
  }
}

async function firstWrites(deps: SetupDeps, seed: SeedWire): Promise<Write<unknown>[]> {
  const { store, vault, clock, random, issuerUrl } = deps;
  const now = clock.now();
  const pins = await pinSeedModules(deps, seed);
  const name = new URL(issuerUrl).hostname;
  const credentials = readClientCredentials(seed.clients ?? [], { random, now });
  const [current, next] = await Promise.all([
    createSigningKey(vault, { state: 'current', name, now }),
    createSigningKey(vault, { state: 'next', name, now }),
  ]);
  // A millisecond apart: the login page shows them in the order of the file.
  const connections = (seed.connections ?? []).map((wire, index) =>
    connectionFromWire(wire, { id: random.id('con_') as ConnectionId, now: new Date(now.getTime() + index) }),
  );
  return [
    store.keys.create(current),
    store.keys.create(next),
    store.keys.create(createTokenKey(vault, now)),
    store.resourceServers.create(systemApi(issuerUrl)),
    ...(seed.resource_servers ?? []).map((wire) =>
      store.resourceServers.create(toResourceServer(vault, wire, random.id('rs_'))),
    ),
    ...(seed.clients ?? []).map((wire) =>
      store.clients.create(toClient(vault, wire, { credentials: credentials.get(wire.client_id), now })),
    ),
    store.clients.create(globalClient(random, now)),
    ...(seed.client_grants ?? []).map((wire) =>
      store.clientGrants.create(clientGrantFromWire(wire, random.id('cgr_'))),
    ),
    ...connections.map((connection) => store.connections.create(vault.sealConnection(connection))),
    ...connections.flatMap(({ id, enabledClients }) =>
      [...enabledClients].map((clientId) => store.connections.enableClient(id, clientId)),
    ),
    ...scriptWrites(deps, seed, { pins, now }),
    store.tenant.put(tenantFromWire(seed.tenant ?? {}, seed.branding)),
  ];
}

/** By the Action's place in the file. Throws ConfigError with every module that is not allowed. */
async function pinSeedModules({ store, isBundledModule }: SetupDeps, seed: SeedWire) {
  const allowed = await store.modules.list();
  const found = (seed.actions ?? []).map((wire) => {
    const { pins, problems } = pinModules(dependenciesFromWire(wire), { allowed, isBundled: isBundledModule });
    return { pins, problems: problems.map((problem) => `seed file, Action ${wire.name}: ${problem}`) };
  });
  const problems = found.flatMap((entry) => entry.problems);
  if (problems.length > 0) throw new ConfigError(problems);
  return found.map(({ pins }) => pins);
}

type ScriptsGiven = { readonly pins: readonly (readonly ModulePin[])[]; readonly now: Date };

/** Actions run in the order of the file. */
function scriptWrites(
  { store, vault, random }: SetupDeps,
  seed: SeedWire,
  { pins, now }: ScriptsGiven,
): Write<unknown>[] {
  const actions = (seed.actions ?? []).map((wire, index) => {
    const id = random.id('act_') as ActionId;
    const sealedSecrets = vault.sealActionSecrets(id, secretsFromWire(wire));
    return actionFromWire(wire, { id, modules: pins[index] ?? [], sealedSecrets, now });
  });
  const deployed = actions.filter((action) => action.deployed !== undefined);
  return [
    ...actions.map((action) => store.actions.create(action)),
    ...(seed.token_exchange_profiles ?? []).flatMap((wire) =>
      actions
        .filter(({ name }) => name === wire.action_name)
        .map(({ id }) =>
          store.tokenExchangeProfiles.create(
            tokenExchangeProfileFromWire(wire, { id: random.id('tep_'), actionId: id, now }),
          ),
        ),
    ),
    ...servedTriggers.map((trigger) =>
      store.actions.bind(
        trigger,
        deployed
          .filter((action) => action.trigger === trigger)
          .map(({ id }) => ({ actionId: id, displayName: undefined })),
      ),
    ),
    ...(seed.rules ?? []).map((wire, position) =>
      store.rules.create(ruleFromWire(wire, { id: random.id('rul_'), position: position + 1 })),
    ),
    ...(seed.rules_configs ?? []).map(({ key, value }) =>
      store.rules.putSetting({ key, sealedValue: vault.sealRuleSetting(key, value) }),
    ),
  ];
}

type ClientMaking = { readonly credentials: readonly ClientCredential[] | undefined; readonly now: Date };

function toClient(vault: Vault, wire: ClientWire, { credentials, now }: ClientMaking) {
  const { client_secret: secret, client_id: id } = wire;
  return clientFromWire(wire, {
    secretHash: secret === undefined ? undefined : (hashHandle(secret) as HandleHash),
    sealedSecret: secret === undefined ? undefined : vault.sealClientSecret(id as ClientId, secret),
    credentials,
    now,
  });
}

function toResourceServer(vault: Vault, wire: ResourceServerWire, id: string) {
  const { signing_secret: secret } = wire;
  return resourceServerFromWire(wire, id, secret === undefined ? undefined : vault.sealSigningSecret(id, secret));
}

/** Auth0 has one in every tenant: it holds settings for all applications, and nobody signs in through it. */
const globalClient = (random: Random, now: Date): Client => ({
  ...clientFromWire(
    { client_id: random.id('global_'), name: 'All Applications', grant_types: [] },
    { secretHash: undefined, sealedSecret: undefined, now },
  ),
  extra: { global: true },
});

/** The Management API as an API of ours; it exists from the start, as on Auth0. */
const systemApi = (issuerUrl: string) => ({
  ...resourceServerFromWire({ identifier: systemAudienceOf(issuerUrl), name: 'Auth0 Management API' }, 'rs_system'),
  isSystem: true,
});
