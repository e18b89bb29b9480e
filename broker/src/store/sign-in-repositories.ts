import type { Metadata } from '../core/device.ts';
import type { DeviceCode, DeviceGrant } from '../core/device-code.ts';
import type { ClientId, GrantId, HandleHash, UserId } from '../core/ids.ts';
import type { Pace } from '../core/rate.ts';
import type {
  Code,
  LogoutNotice,
  PushedRequest,
  RefreshToken,
  RevokedGrant,
  Session,
  Transaction,
} from '../core/session.ts';
import type { UserGrant } from '../core/user-grant.ts';
import type { Consumption, Use, WaitingCodes } from './records.ts';
import type { Write } from './write.ts';

export type SignInRepositories = {
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
    /** Moves the idle expiry forward, never back, and remembers where it was used. */
    touch(handleHash: HandleHash, use: Use & { readonly idleExpiresAt: Date }): Write<void>;
    /** A client that has got an answer out of it for the first time. */
    join(handleHash: HandleHash, clientId: ClientId, at: Date): Write<void>;
    /** Whole; of every session of this `sid`. Conflict if there is none that is alive. */
    putMetadata(sid: string, metadata: Metadata, at: Date): Write<void>;
    /** Ends it at `at` if that is sooner: requests in flight with the old handle still find it. */
    retire(handleHash: HandleHash, at: Date): Write<void>;
    delete(handleHash: HandleHash): Write<boolean>;
    deleteByUser(userId: UserId): Write<void>;
    /** Those that are alive, oldest first. `limit`: 1,000 if it is not given. */
    listByUser(userId: UserId, now: Date, limit?: number): Promise<readonly Session[]>;
    /** More than one, where one is taking the place of another. */
    listBySid(sid: string, now: Date): Promise<readonly Session[]>;
    deleteBySid(sid: string): Write<void>;
  };
  readonly codes: {
    create(code: Code): Write<void>;
    /** Marks it used. undefined: unknown or used before; then `find` tells which. */
    consume(codeHash: HandleHash, at: Date): Write<Code | undefined>;
    find(codeHash: HandleHash): Promise<Code | undefined>;
    /** Those that nobody has redeemed yet. */
    deleteWaiting(waiting: WaitingCodes): Write<void>;
  };
  readonly pushedRequests: {
    create(request: PushedRequest): Write<void>;
    /** One use, by its client only. Expired rows are removed too and answered; the caller checks. */
    take(uriHash: HandleHash, clientId: ClientId): Write<PushedRequest | undefined>;
  };
  readonly rateBuckets: {
    /** Takes a token out of a bucket (core/rate.ts): when it is full again, epoch milliseconds; undefined: it is empty. */
    spend(bucket: Pace & { readonly id: string }, now: Date): Write<number | undefined>;
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
    /** Those that a person has allowed and whose device has not fetched it yet. */
    deleteWaiting(waiting: WaitingCodes): Write<void>;
    /** Remembers that the device asked at `now`; too soon if it has asked after `previous`. undefined: unknown. */
    poll(
      deviceHash: HandleHash,
      clientId: ClientId,
      times: { readonly now: Date; readonly previous: Date },
    ): Write<{ readonly isTooSoon: boolean } | undefined>;
  };
  readonly refreshTokens: {
    find(tokenHash: HandleHash): Promise<RefreshToken | undefined>;
    /** Was it this client's, and is its person deleted? */
    isOrphaned(tokenHash: HandleHash, clientId: ClientId): Promise<boolean>;
    /** Of one person at one client the newest 200 stay. */
    create(token: RefreshToken): Write<void>;
    /**
     * One exchange of a rotating token: marks `tokenHash` as consumed by `successor.id`. undefined: it was used before, a
     * sibling of it was, or its grant is revoked. `leewaySeconds` lets the previous token through again while none of its
     * successors is used. Send it with `createSuccessor` in one writeAll.
     */
    consume(tokenHash: HandleHash, consumption: Consumption): Write<RefreshToken | undefined>;
    /** Inserts `successor` only if `tokenHash` was consumed by it, with the metadata of that one. false: nothing inserted. */
    createSuccessor(tokenHash: HandleHash, successor: RefreshToken): Write<boolean>;
    /** After createSuccessor: what the same person, client and audience still hold from before rotation was switched. */
    dropOtherMode(tokenHash: HandleHash, successor: RefreshToken): Write<number>;
    /** A non-rotating use: moves the idle expiry, and remembers where it was used. undefined: gone or its grant is revoked. */
    touch(
      tokenHash: HandleHash,
      use: Use & { readonly idleExpiresAt: Date | undefined },
    ): Write<RefreshToken | undefined>;
    /** Whole. A successor that is made meanwhile has it, too. Conflict if it is gone or exchanged. */
    putMetadata(id: string, metadata: Metadata): Write<void>;
    deleteByGrant(grantId: GrantId): Write<number>;
    findById(id: string): Promise<RefreshToken | undefined>;
    /** Also those that were exchanged or have expired. */
    listByIds(ids: readonly string[]): Promise<readonly RefreshToken[]>;
    /** Everybody's by id, those behind `after`; also those that were exchanged or have expired. */
    listAfter(after: string | undefined, limit: number): Promise<readonly RefreshToken[]>;
    /** Those that can be used, oldest first. `limit`: 1,000 if it is not given. */
    listByUser(userId: UserId, now: Date, limit?: number): Promise<readonly RefreshToken[]>;
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
    findById(id: string): Promise<UserGrant | undefined>;
    /** One for each person, client and audience; a second one takes the place of the first, but not its id. */
    put(grant: UserGrant): Write<void>;
    /** By id. `total` is 0 past the last page. */
    list(
      filter: { readonly userId?: string; readonly clientId?: string; readonly audience?: string },
      page: { readonly skip: number; readonly limit: number },
    ): Promise<{ readonly grants: readonly UserGrant[]; readonly total: number }>;
    /** Idempotent, as the next. */
    delete(id: string): Write<boolean>;
    deleteOfUser(userId: UserId): Write<number>;
  };

  readonly logoutNotices: {
    /** The client wants to be told when the session of this `sid` ends. */
    takePart(sid: string, clientId: ClientId, expiresAt: Date): Write<void>;
    /** The session is over: everyone who took part has to be told. true: there is somebody. */
    owe(ended: { readonly sid: string; readonly userId: UserId; readonly at: Date }): Write<boolean>;
    /** What is due, for one broker alone until `until`. */
    claim(of: { readonly now: Date; readonly until: Date; readonly limit: number }): Write<readonly LogoutNotice[]>;
    postpone(notice: LogoutNotice, dueAt: Date): Write<void>;
    settle(notice: LogoutNotice): Write<void>;
  };
};
