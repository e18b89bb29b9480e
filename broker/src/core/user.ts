import type { ConnectionId, Sealed, UpstreamUserId, UserId } from './ids.ts';
import type { JsonObject } from './json.ts';

/** What an upstream says about a person, in our normal form. */
export type Profile = {
  readonly upstreamUserId: UpstreamUserId;
  /** Root attributes under their OpenID names (`email`, `given_name`, …) and whatever else the upstream gave. */
  readonly attributes: JsonObject;
  /** Present only if the profile brought them. */
  readonly userMetadata: JsonObject | undefined;
  readonly appMetadata: JsonObject | undefined;
};

export type User = {
  readonly id: UserId;
  readonly attributes: JsonObject;
  readonly userMetadata: JsonObject;
  readonly appMetadata: JsonObject;
  readonly isBlocked: boolean;
  readonly loginsCount: number;
  readonly lastLoginAt: Date | undefined;
  /** Where the last sign-in came from. */
  readonly lastIp?: string | undefined;
  readonly createdAt: Date;
  readonly updatedAt: Date;
};

/** One `(connection, upstream user id)` of a user. */
export type Identity = {
  readonly connectionId: ConnectionId;
  readonly upstreamUserId: UpstreamUserId;
  readonly userId: UserId;
  readonly sealedTokenset: Sealed | undefined;
  /** What the upstream says of somebody who is known under another identity. */
  readonly profileData?: JsonObject | undefined;
};

/** `oauth2|<connection name>|<upstream user id>`: inner bars stay verbatim, so split on the first two only. */
export const renderUserId = (strategy: string, connectionName: string, upstreamUserId: UpstreamUserId): UserId =>
  `${strategy}|${connectionName}|${upstreamUserId}` as UserId;
