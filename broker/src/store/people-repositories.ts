import type { ConnectionId, Sealed, UpstreamUserId, UserId } from '../core/ids.ts';
import type { Job, JobPart } from '../core/job.ts';
import type { JsonObject } from '../core/json.ts';
import type { Identity, User } from '../core/user.ts';
import type { LoginRecord, MetadataChange } from './records.ts';
import type { FoundUsers, UserSearch } from './search/find-users.ts';
import type { Write } from './write.ts';

/** Who signs in. */
export type PeopleRepositories = {
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
    /** In the order of `ids`; who is gone is left out. */
    list(ids: readonly UserId[]): Promise<readonly User[]>;
    /** By id, those behind `after`. */
    listAfter(after: UserId | undefined, limit: number): Promise<readonly User[]>;
    /** How many have signed in since. */
    countActive(since: Date): Promise<number>;
    /** Who matches; undefined: it took longer than it may. Throws ApiError 400 for what cannot be searched for. */
    search(search: UserSearch): Promise<FoundUsers | undefined>;
    /** Exact, upper and lower case told apart; at most 100. */
    listByEmail(email: string): Promise<readonly User[]>;
    /** What an administrator changes, logins aside. Conflict if the user is gone, or is no longer what it was `before`. */
    update(user: User, before: User): Write<void>;
  };
  /** What takes longer than an answer may: exports and imports. They are rows, so that another process can go on. */
  readonly jobs: {
    create(job: Job): Write<void>;
    find(id: string): Promise<Job | undefined>;
    /** The oldest that waits, or that nobody has moved on since `staleBefore`; it is then this caller's. */
    claim(of: { readonly now: Date; readonly staleBefore: Date }): Write<Job | undefined>;
    /** How far it has come. */
    update(job: Pick<Job, 'id' | 'status' | 'updatedAt' | 'details'>): Write<void>;
    putPart(part: JobPart): Write<void>;
    findPart(jobId: string, kind: JobPart['kind'], number: number): Promise<Uint8Array | undefined>;
  };
  readonly identities: {
    find(connectionId: ConnectionId, upstreamUserId: UpstreamUserId): Promise<Identity | undefined>;
    listByUser(userId: UserId): Promise<readonly Identity[]>;
    /** Conflict if the identity exists. */
    create(identity: Identity): Write<void>;
    listByUsers(userIds: readonly UserId[]): Promise<readonly Identity[]>;
    /** All of one user's become another's. Conflict if there are none. */
    move(from: UserId, to: UserId): Write<void>;
    /** What the upstream said last of somebody who is known under another identity. */
    putProfileData(connectionId: ConnectionId, upstreamUserId: UpstreamUserId, profileData: JsonObject): Write<void>;
    /** Conflict if it is gone, or another user's. */
    delete(identity: Pick<Identity, 'connectionId' | 'upstreamUserId' | 'userId'>): Write<void>;
    /** Conflict if the identity is gone. */
    putTokenset(connectionId: ConnectionId, upstreamUserId: UpstreamUserId, sealed: Sealed): Write<void>;
  };
};
