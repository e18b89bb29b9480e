import { type Static, Type } from '@sinclair/typebox';

const text = (maxLength: number) => Type.Optional(Type.Union([Type.String({ maxLength }), Type.Null()]));

/** One user of an import, as Auth0 shows and exports users. Members beyond these become attributes. */
export const importedUserWire = Type.Object(
  {
    user_id: Type.Optional(Type.String({ minLength: 1, maxLength: 1_024 })),
    identities: Type.Optional(
      Type.Array(
        Type.Object({
          connection: Type.String({ minLength: 1, maxLength: 128 }),
          user_id: Type.Union([Type.String({ minLength: 1, maxLength: 1_024 }), Type.Integer({ minimum: 0 })]),
          provider: Type.String({ minLength: 1, maxLength: 64, pattern: '^[^|]*$' }),
          profileData: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
        }),
        { maxItems: 20 },
      ),
    ),
    email: text(254),
    email_verified: Type.Optional(Type.Union([Type.Boolean(), Type.Null()])),
    name: text(300),
    given_name: text(150),
    family_name: text(150),
    nickname: text(300),
    picture: text(2_048),
    blocked: Type.Optional(Type.Boolean()),
    user_metadata: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    app_metadata: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    created_at: Type.Optional(Type.String({ maxLength: 40 })),
    updated_at: Type.Optional(Type.String({ maxLength: 40 })),
    last_login: Type.Optional(Type.String({ maxLength: 40 })),
    last_ip: Type.Optional(Type.String({ maxLength: 64 })),
    logins_count: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000_000 })),
    password_hash: Type.Optional(Type.Undefined()),
    custom_password_hash: Type.Optional(Type.Undefined()),
  },
  { additionalProperties: true },
);
export type ImportedUser = Static<typeof importedUserWire>;

/** Members of an import that are no attributes. */
export const importedApart: ReadonlySet<string> = new Set([
  '_id',
  'app_metadata',
  'blocked',
  'created_at',
  'custom_password_hash',
  'identities',
  'last_ip',
  'last_login',
  'last_password_reset',
  'logins_count',
  'multifactor',
  'password_hash',
  'updated_at',
  'user_id',
  'user_metadata',
]);
