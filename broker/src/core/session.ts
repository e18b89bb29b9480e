import type { CustomClaims } from './action.ts';
import type { Device, Metadata } from './device.ts';
import type { ClientId, ConnectionId, GrantId, HandleHash, TraceId, UserId } from './ids.ts';
import type { JsonObject } from './json.ts';

/**
 * The browser's signed-in state with us. Never rewritten as a whole: parallel requests cannot lose each other's change. One
 * that takes the place of another of the same person goes on with its `sid`, and with all that is known by it.
 */
export type Session = {
  readonly handleHash: HandleHash;
  /** The `sid` claim: names the session to clients, opens nothing. */
  readonly sid: string;
  readonly userId: UserId;
  readonly connectionId: ConnectionId;
  readonly createdAt: Date;
  readonly authenticatedAt: Date;
  /** Moves with the idle expiry: seldom. */
  readonly lastInteractedAt: Date;
  readonly updatedAt: Date;
  readonly idleExpiresAt: Date;
  readonly expiresAt: Date;
  readonly device: Device;
  /** Who has got an answer out of it; the client for whose sign-in it was made is the first. */
  readonly clientIds: readonly ClientId[];
  readonly metadata: Metadata;
};

/** An application that has to be told that a session is over. */
export type LogoutNotice = {
  readonly sid: string;
  readonly clientId: ClientId;
  readonly userId: UserId;
  /** This one included. */
  readonly attempts: number;
};

/** One login from /authorize to the answer. One use: it is removed by the statement that reads it. */
export type Transaction = {
  readonly stateHash: HandleHash;
  /** Hash of the browser's device cookie: only the browser that began may finish. */
  readonly browserHash: HandleHash;
  readonly traceId: TraceId;
  readonly clientId: ClientId;
  /** undefined until the person has picked one on the login page. */
  readonly connectionId: ConnectionId | undefined;
  /** The verified /authorize request, see login/authorize. */
  readonly request: JsonObject;
  readonly createdAt: Date;
  readonly expiresAt: Date;
};

/** What a code or a refresh token stands for. */
export type Authorization = {
  readonly grantId: GrantId;
  readonly clientId: ClientId;
  readonly userId: UserId;
  readonly connectionId: ConnectionId;
  readonly sid: string | undefined;
  readonly scopes: readonly string[];
  readonly audience: string | undefined;
  readonly authenticatedAt: Date;
  /** RFC 9449: the key (RFC 7638 thumbprint) without which it is worth nothing; undefined: whoever holds it may use it. */
  readonly keyThumbprint?: string | undefined;
};

/** RFC 9126: an /authorize request that its client has left with us. One use. */
export type PushedRequest = {
  readonly uriHash: HandleHash;
  readonly clientId: ClientId;
  readonly parameters: Readonly<Record<string, string>>;
  readonly expiresAt: Date;
};

export type Code = Authorization & {
  readonly codeHash: HandleHash;
  readonly redirectUri: string;
  /** false: /authorize relied on the default, so /oauth/token need not send one. */
  readonly isRedirectUriExplicit: boolean;
  readonly challenge: string | undefined;
  readonly challengeMethod: 'S256' | 'plain' | undefined;
  readonly nonce: string | undefined;
  readonly traceId: TraceId;
  readonly asksAuthTime: boolean;
  /** undefined: no script added one. */
  readonly claims: CustomClaims | undefined;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly consumedAt: Date | undefined;
};

export type RefreshToken = Authorization & {
  readonly id: string;
  readonly tokenHash: HandleHash;
  readonly createdAt: Date;
  /** The last exchange of it or, if it rotates, of its family; undefined: never. */
  readonly lastExchangedAt: Date | undefined;
  /** Of the requests at /oauth/token. */
  readonly device: Device;
  readonly metadata: Metadata;
  /** undefined: never. */
  readonly expiresAt: Date | undefined;
  readonly idleExpiresAt: Date | undefined;
  /** Set when a rotating token was exchanged. */
  readonly consumedAt: Date | undefined;
  readonly successorId: string | undefined;
  /** How its client was set when it was made; undefined: not known, it is older than the question. */
  readonly isRotating: boolean | undefined;
  /** The successor that was used first; others, which leeway allowed, are dead from then on. */
  readonly heirHash: HandleHash | undefined;
};

/** A grant is live unless it is listed here, so that a sign-in writes nothing for it. */
export type RevokedGrant = {
  readonly grantId: GrantId;
  readonly userId: UserId;
  readonly clientId: ClientId;
  /** Access tokens of this user and client issued from here up to `revokedAt` count as the grant's. */
  readonly issuedFrom: Date;
  readonly revokedAt: Date;
  /** When nothing of the grant can be alive any more and the row may go. */
  readonly expiresAt: Date;
};
