import type { ActionBinding, ActionVersion, Rule, StoredAction, StoredRuleSetting, Trigger } from '../core/action.ts';
import type { StoredAttempt } from '../core/attempt.ts';
import type { Client, ClientGrant, ResourceServer } from '../core/client.ts';
import type { StoredConnection, StoredConnectionVersion } from '../core/connection.ts';
import type { DeviceCode, DeviceGrant } from '../core/device-code.ts';
import type {
  ActionId,
  ClientId,
  ConnectionId,
  GrantId,
  HandleHash,
  KeyId,
  Sealed,
  UpstreamUserId,
  UserId,
} from '../core/ids.ts';
import type { StoredKey } from '../core/key.ts';
import type { LogEvent } from '../core/log-event.ts';
import type { StoredModule } from '../core/module.ts';
import type { Code, PushedRequest, RefreshToken, RevokedGrant, Session, Transaction } from '../core/session.ts';
import type { TenantSettings } from '../core/tenant.ts';
import type { TokenExchangeProfile } from '../core/token-exchange.ts';
import type { Identity, User } from '../core/user.ts';
import type { UserGrant } from '../core/user-grant.ts';
import type { Consumption, LoginRecord, MetadataChange } from './records.ts';
import type { Write } from './write.ts';

export type { Consumption, LoginRecord, MetadataChange } from './records.ts';
export type { Command, Statement, Write } from './write.ts';

/*
 * store/: repositories over SQLite and PostgreSQL, and their migrations.
 *
 * It keeps what it is given: secrets reach it sealed, handles hashed. It decides nothing: rules live in the rooms above.
 * Reads answer at once. Writes are values: a repository builds a Write, `write` and `writeAll` send it. That is what lets
 * SQLite commit all writes of one turn of the event loop together, and PostgreSQL receive a transaction in one go.
 */

type Results<Writes extends readonly Write<unknown>[]> = {
  -readonly [Index in keyof Writes]: Writes[Index] extends Write<infer Result> ? Result : never;
};

export type Store = {
  readonly dialect: 'sqlite' | 'postgres';

  /** One write in a transaction of its own (on SQLite: of its turn). Resolves when it is durable. */
  write<Result>(write: Write<Result>): Promise<Result>;
  /** All or nothing, in order. Resolves when durable; a conflict rejects with StoreError('conflict') and writes nothing. */
  writeAll<const Writes extends readonly Write<unknown>[]>(writes: Writes): Promise<Results<Writes>>;

  /**
   * As writeAll, for what the same request goes on to acknowledge with a later write: visible at once, and durable with
   * that one at the latest. On PostgreSQL it is durable at once.
   */
  stage<const Writes extends readonly Write<unknown>[]>(writes: Writes): Promise<Results<Writes>>;

  /** Runs `work` while no other broker on this database runs work of the same name (advisory lock; SQLite: a table lock row). */
  exclusively<Result>(name: string, work: () => Promise<Result>): Promise<Result>;
  /** Resolves if the database answers; rejects with StoreError('unavailable'). */
  ping(): Promise<void>;
  /** Removes rows whose time has passed, and log events from before `logsBefore`, at most `limit` per table. Returns how many went. */
  purgeExpired(now: Date, limit: number, logsBefore?: Date): Promise<number>;
  /** Calls back after another broker changed configuration (PostgreSQL: LISTEN/NOTIFY). Own changes too. */
  onConfigurationChanged(listener: () => void): void;
  close(): Promise<void>;

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
    bind(trigger: Trigger, ids: readonly ActionId[]): Write<void>;
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
    setState(id: KeyId, state: StoredKey['state']): Write<void>;
    delete(id: KeyId): Write<boolean>;
  };

  readonly users: {
    find(id: UserId): Promise<User | undefined>;
    /** By identity key, exact bytes. */
    findByIdentity(connectionId: ConnectionId, upstreamUserId: UpstreamUserId): Promise<User | undefined>;
    /** Conflict if the rendered id exists, whatever connection it came from. */
    create(user: User): Write<User>;
    /** A login of a known user, in one statement. Conflict if the user is gone. */
    recordLogin(login: LoginRecord): Write<User>;
    /** Merged at the first level; null removes a key. Conflict if the user is gone. */
    changeMetadata(change: MetadataChange): Write<User>;
    setBlocked(id: UserId, isBlocked: boolean, at: Date): Write<boolean>;
    /** Takes identities, tokensets, sessions, codes and refresh tokens with it. */
    delete(id: UserId): Write<boolean>;
    count(): Promise<number>;
  };
  readonly identities: {
    find(connectionId: ConnectionId, upstreamUserId: UpstreamUserId): Promise<Identity | undefined>;
    listByUser(userId: UserId): Promise<readonly Identity[]>;
    /** Conflict if the identity exists. */
    create(identity: Identity): Write<void>;
    /** Conflict if the identity is gone. */
    putTokenset(connectionId: ConnectionId, upstreamUserId: UpstreamUserId, sealed: Sealed): Write<void>;
  };

  /* Short-lived: survives kill -9. */
  readonly transactions: {
    create(transaction: Transaction): Write<void>;
    find(stateHash: HandleHash): Promise<Transaction | undefined>;
    /** The connection is picked: keeps it, and what was sent upstream. false: the transaction is gone, and stays gone. */
    depart(transaction: Transaction): Write<boolean>;
    /** One use: the row is removed by the read. Expired rows are removed too and answered; the caller checks. */
    take(stateHash: HandleHash): Write<Transaction | undefined>;
    deleteByBrowser(browserHash: HandleHash): Write<void>;
  };
  readonly sessions: {
    find(handleHash: HandleHash): Promise<Session | undefined>;
    create(session: Session): Write<void>;
    /** Moves the idle expiry forward, never back. */
    touch(handleHash: HandleHash, idleExpiresAt: Date): Write<void>;
    /** Ends it at `at` if that is sooner: requests in flight with the old handle still find it. */
    retire(handleHash: HandleHash, at: Date): Write<void>;
    delete(handleHash: HandleHash): Write<boolean>;
    deleteByUser(userId: UserId): Write<void>;
  };
  readonly codes: {
    create(code: Code): Write<void>;
    /** Marks it used. undefined: unknown or used before; then `find` tells which. */
    consume(codeHash: HandleHash, at: Date): Write<Code | undefined>;
    find(codeHash: HandleHash): Promise<Code | undefined>;
  };
  readonly pushedRequests: {
    create(request: PushedRequest): Write<void>;
    /** One use, by its client only. Expired rows are removed too and answered; the caller checks. */
    take(uriHash: HandleHash, clientId: ClientId): Write<PushedRequest | undefined>;
  };
  readonly spentProofs: {
    /** What may be used once: an assertion, a DPoP proof. false: it was used before. Forgotten after `expiresAt`. */
    spend(proofHash: HandleHash, expiresAt: Date): Write<boolean>;
  };
  readonly deviceCodes: {
    /** Conflict if the user code is taken. */
    create(code: DeviceCode): Write<void>;
    find(id: string): Promise<DeviceCode | undefined>;
    findByUserCode(userCodeHash: HandleHash): Promise<DeviceCode | undefined>;
    /** One decision: false if it was made before, or comes too late. */
    allow(id: string, granted: DeviceGrant, now: Date): Write<boolean>;
    deny(id: string, denial: string, now: Date): Write<boolean>;
    /** One use: a code that is decided or expired is removed by the read, and the device told once. */
    takeDecided(deviceHash: HandleHash, clientId: ClientId, now: Date): Write<DeviceCode | undefined>;
    /** Remembers that the device asked at `now`; too soon if it has asked after `previous`. undefined: unknown. */
    poll(
      deviceHash: HandleHash,
      clientId: ClientId,
      times: { readonly now: Date; readonly previous: Date },
    ): Write<{ readonly isTooSoon: boolean } | undefined>;
  };
  readonly refreshTokens: {
    find(tokenHash: HandleHash): Promise<RefreshToken | undefined>;
    /** Of one person at one client the newest 200 stay. */
    create(token: RefreshToken): Write<void>;
    /**
     * One exchange of a rotating token: marks `tokenHash` as consumed by `successor.id`. undefined: it was used before, a
     * sibling of it was, or its grant is revoked. `leewaySeconds` lets the previous token through again while none of its
     * successors is used. Send it with `createSuccessor` in one writeAll.
     */
    consume(tokenHash: HandleHash, consumption: Consumption): Write<RefreshToken | undefined>;
    /** Inserts `successor` only if `tokenHash` was consumed by it. false: nothing inserted. */
    createSuccessor(tokenHash: HandleHash, successor: RefreshToken): Write<boolean>;
    /** After createSuccessor: what the same person, client and audience still hold from before rotation was switched. */
    dropOtherMode(tokenHash: HandleHash, successor: RefreshToken): Write<number>;
    /** A non-rotating use: moves the idle expiry. undefined: gone or its grant is revoked. */
    touch(tokenHash: HandleHash, idleExpiresAt: Date | undefined): Write<RefreshToken | undefined>;
    deleteByGrant(grantId: GrantId): Write<number>;
  };
  readonly grants: {
    /** Idempotent. */
    revoke(revoked: RevokedGrant): Write<void>;
    isRevoked(grantId: GrantId): Promise<boolean>;
    /** For tokens that carry no grant id: is one issued to this user and client at this time part of a revoked grant? */
    isIssueRevoked(userId: UserId, clientId: ClientId, issuedAt: Date): Promise<boolean>;
  };
  readonly userGrants: {
    find(userId: UserId, clientId: ClientId, audience: string | undefined): Promise<UserGrant | undefined>;
    /** One for each person, client and audience; a second one takes the place of the first, but not its id. */
    put(grant: UserGrant): Write<void>;
  };

  readonly logs: {
    create(event: LogEvent): Write<void>;
    find(id: string): Promise<LogEvent | undefined>;
    listByTrace(traceId: string): Promise<readonly LogEvent[]>;
    /** Newest first. */
    list(limit: number): Promise<readonly LogEvent[]>;
  };
  readonly attempts: {
    /** One row per trace id: an attempt that goes on after a redirect takes the place of its first half. */
    put(attempt: StoredAttempt): Write<void>;
    find(traceId: string): Promise<StoredAttempt | undefined>;
    /** Newest first. */
    list(limit: number): Promise<readonly StoredAttempt[]>;
    listFailed(limit: number): Promise<readonly StoredAttempt[]>;
  };
};
