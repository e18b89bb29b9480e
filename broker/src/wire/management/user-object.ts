import { type Static, Type } from '@sinclair/typebox';
import type { Json, JsonObject } from '../../core/json.ts';
import type { Tokenset } from '../../core/tokenset.ts';
import type { User } from '../../core/user.ts';

/* A user as the Management API shows it (contract: management API §4.2), and what of it may be changed (§4.3). */

const nullable = <Schema extends Parameters<typeof Type.Union>[0][number]>(schema: Schema) =>
  Type.Optional(Type.Union([schema, Type.Null()]));
const text = (minLength: number, maxLength: number) => nullable(Type.String({ minLength, maxLength }));
const metadata = Type.Optional(Type.Record(Type.String(), Type.Unknown()));

export const userChangesWire = Type.Object(
  {
    app_metadata: metadata,
    user_metadata: metadata,
    blocked: Type.Optional(Type.Boolean()),
    email: text(1, 254),
    email_verified: nullable(Type.Boolean()),
    family_name: text(1, 150),
    given_name: text(1, 150),
    name: text(1, 300),
    nickname: text(1, 300),
    picture: text(1, 2048),
    phone_number: text(1, 30),
    phone_verified: nullable(Type.Boolean()),
    username: text(1, 128),
    password: text(1, 300),
    verify_email: Type.Optional(Type.Boolean()),
    verify_phone_number: Type.Optional(Type.Boolean()),
    verify_password: Type.Optional(Type.Boolean()),
    connection: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
    client_id: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
  },
  { additionalProperties: false },
);
export type UserChanges = Static<typeof userChangesWire>;

/** What only a database connection lets an administrator change. */
export const databaseOnly = ['email', 'username', 'password', 'phone_number', 'phone_verified'] as const;
/** What a connection that synchronises at each login would overwrite. */
export const synchronised = ['family_name', 'given_name', 'name', 'nickname', 'picture'] as const;

export const newUserWire = Type.Object(
  { connection: Type.String({ minLength: 1, maxLength: 128 }) },
  { additionalProperties: true },
);

export const linkWire = Type.Object(
  {
    link_with: Type.Optional(Type.String({ minLength: 1, maxLength: 16_384 })),
    provider: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    connection_id: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    user_id: Type.Optional(Type.Union([Type.String({ minLength: 1, maxLength: 1_024 }), Type.Integer({ minimum: 0 })])),
  },
  { additionalProperties: false },
);

/** One identity, with the name of its connection; the tokenset only for who may see it. */
export type ShownIdentity = {
  readonly strategy: string;
  readonly connectionName: string;
  readonly upstreamUserId: string;
  readonly profileData: JsonObject | undefined;
  readonly tokenset: Tokenset | undefined;
};

export const identityToWire = (identity: ShownIdentity): JsonObject => ({
  connection: identity.connectionName,
  provider: identity.strategy,
  user_id: `${identity.connectionName}|${identity.upstreamUserId}`,
  isSocial: true,
  ...(identity.profileData === undefined ? {} : { profileData: identity.profileData }),
  ...(identity.tokenset === undefined ? {} : tokensToWire(identity.tokenset)),
});

const tokensToWire = ({ accessToken, refreshToken, expiresAt }: Tokenset): JsonObject => ({
  access_token: accessToken,
  ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
  ...(expiresAt === undefined ? {} : { expires_at: Math.floor(expiresAt.getTime() / 1000) }),
});

/** What an upstream says of itself under our names is not shown as ours. */
export function userToWire(user: User, identities: readonly ShownIdentity[]): JsonObject {
  const wire: Record<string, Json> = { ...user.attributes };
  for (const name of ours) delete wire[name];
  return {
    ...wire,
    user_id: user.id,
    identities: identities.map(identityToWire),
    created_at: user.createdAt.toISOString(),
    updated_at: user.updatedAt.toISOString(),
    logins_count: user.loginsCount,
    ...(user.lastLoginAt === undefined ? {} : { last_login: user.lastLoginAt.toISOString() }),
    ...(user.lastIp === undefined ? {} : { last_ip: user.lastIp }),
    ...(user.isBlocked ? { blocked: true } : {}),
    ...(isEmpty(user.userMetadata) ? {} : { user_metadata: user.userMetadata }),
    ...(isEmpty(user.appMetadata) ? {} : { app_metadata: user.appMetadata }),
  };
}

const ours = ['last_login', 'last_ip', 'blocked', 'user_metadata', 'app_metadata'];
const isEmpty = (value: JsonObject): boolean => Object.keys(value).length === 0;
