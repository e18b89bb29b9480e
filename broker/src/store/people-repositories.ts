import type { ConnectionId, Sealed, UpstreamUserId, UserId } from '../core/ids.ts';
import type { Identity, User } from '../core/user.ts';
import type { LoginRecord, MetadataChange } from './records.ts';
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
  };
  readonly identities: {
    find(connectionId: ConnectionId, upstreamUserId: UpstreamUserId): Promise<Identity | undefined>;
    listByUser(userId: UserId): Promise<readonly Identity[]>;
    /** Conflict if the identity exists. */
    create(identity: Identity): Write<void>;
    /** Conflict if the identity is gone. */
    putTokenset(connectionId: ConnectionId, upstreamUserId: UpstreamUserId, sealed: Sealed): Write<void>;
  };
};
