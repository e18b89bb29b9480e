import type { ActionBinding, ActionVersion, Rule, StoredAction, StoredRuleSetting, Trigger } from '../core/action.ts';
import type { Client, ClientGrant, ResourceServer } from '../core/client.ts';
import type { StoredConnection, StoredConnectionVersion } from '../core/connection.ts';
import type { ActionId, ClientId, ConnectionId, KeyId } from '../core/ids.ts';
import type { StoredKey } from '../core/key.ts';
import type { StoredModule } from '../core/module.ts';
import type { TenantSettings } from '../core/tenant.ts';
import type { TokenExchangeProfile } from '../core/token-exchange.ts';
import type { Write } from './write.ts';

export type ConfigurationRepositories = {
  readonly tenant: {
    find(): Promise<TenantSettings | undefined>;
    put(settings: TenantSettings): Write<void>;
  };

  /* Configuration: few rows, read whole into a cache by the rooms; every write notifies. Updating what does not exist is a conflict. */
  readonly clients: {
    list(): Promise<readonly Client[]>;
    find(id: ClientId): Promise<Client | undefined>;
    create(client: Client): Write<void>;
    update(client: Client): Write<void>;
    delete(id: ClientId): Write<boolean>;
  };
  readonly clientGrants: {
    list(): Promise<readonly ClientGrant[]>;
    create(grant: ClientGrant): Write<void>;
    update(grant: ClientGrant): Write<void>;
    delete(id: string): Write<boolean>;
  };
  readonly resourceServers: {
    list(): Promise<readonly ResourceServer[]>;
    create(resourceServer: ResourceServer): Write<void>;
    update(resourceServer: ResourceServer): Write<void>;
    delete(id: string): Write<boolean>;
  };
  readonly connections: {
    list(): Promise<readonly StoredConnection[]>;
    find(id: ConnectionId): Promise<StoredConnection | undefined>;
    /** `enabledClients` is kept in a table of its own; create and update replace it as a whole. */
    create(connection: StoredConnection): Write<void>;
    update(connection: StoredConnection): Write<void>;
    enableClient(id: ConnectionId, clientId: ClientId): Write<void>;
    disableClient(id: ConnectionId, clientId: ClientId): Write<void>;
    /** Takes with it identities, tokensets, and the users, sessions and refresh tokens that came in through it alone. */
    delete(id: ConnectionId): Write<boolean>;
  };

  readonly connectionVersions: {
    /** Newest first. */
    list(id: ConnectionId, limit: number): Promise<readonly StoredConnectionVersion[]>;
    /** Conflict if the number is taken. Of each connection the newest `keep` stay. */
    create(version: StoredConnectionVersion, keep: number): Write<void>;
  };

  readonly actions: {
    /** By name. */
    list(): Promise<readonly StoredAction[]>;
    /** `deployed` becomes its first version. */
    create(action: StoredAction): Write<void>;
    /** The draft and its settings; what is deployed stays. */
    update(action: StoredAction): Write<void>;
    /** Adds a version and makes it the one that runs. Conflict if the number is taken. */
    deploy(id: ActionId, version: ActionVersion): Write<void>;
    /** Newest first. */
    listVersions(id: ActionId): Promise<readonly ActionVersion[]>;
    /** Takes its versions and bindings with it. */
    delete(id: ActionId): Write<boolean>;
    /** In the order in which they run. */
    listBindings(): Promise<readonly ActionBinding[]>;
    /** Replaces what the trigger runs. */
    bind(trigger: Trigger, bound: readonly Omit<ActionBinding, 'trigger'>[]): Write<void>;
  };
  readonly tokenExchangeProfiles: {
    list(): Promise<readonly TokenExchangeProfile[]>;
    /** Conflict if its name or its type of subject token is taken. An Action that is deleted takes its profiles with it. */
    create(profile: TokenExchangeProfile): Write<void>;
    /** Its Action stays. */
    update(profile: TokenExchangeProfile): Write<void>;
    delete(id: string): Write<boolean>;
  };
  readonly rules: {
    /** In the order in which they run. */
    list(): Promise<readonly Rule[]>;
    create(rule: Rule): Write<void>;
    update(rule: Rule): Write<void>;
    delete(id: string): Write<boolean>;
    listSettings(): Promise<readonly StoredRuleSetting[]>;
    putSetting(setting: StoredRuleSetting): Write<void>;
    deleteSetting(key: string): Write<boolean>;
  };

  /** npm modules that scripts may require. */
  readonly modules: {
    /** By name and version, with their texts. */
    list(): Promise<readonly StoredModule[]>;
    find(name: string, version: string): Promise<StoredModule | undefined>;
    /** Conflict if this version is there. */
    create(module: StoredModule): Write<void>;
    delete(name: string, version: string): Write<boolean>;
  };

  readonly keys: {
    list(): Promise<readonly StoredKey[]>;
    create(key: StoredKey): Write<void>;
    /** `at`: from when on. */
    setState(id: KeyId, state: StoredKey['state'], at: Date): Write<void>;
    delete(id: KeyId): Write<boolean>;
  };
};
