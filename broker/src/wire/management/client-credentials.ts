import { type Static, Type } from '@sinclair/typebox';

/** A key of `private_key_jwt` as Auth0's Management API takes it; `jwk` beside `pem` is ours. */
export const clientCredentialWire = Type.Object({
  name: Type.Optional(Type.String({ maxLength: 128 })),
  credential_type: Type.Literal('public_key'),
  pem: Type.Optional(Type.String({ maxLength: 16_384 })),
  jwk: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  alg: Type.Optional(Type.Union([Type.Literal('RS256'), Type.Literal('RS384'), Type.Literal('PS256')])),
  expires_at: Type.Optional(Type.String({ maxLength: 64, pattern: '^\\d{4}-\\d\\d-\\d\\dT' })),
  parse_expiry_from_cert: Type.Optional(Type.Boolean()),
});
export type ClientCredentialWire = Static<typeof clientCredentialWire>;

/** How a client proves itself with something else than its secret. */
export const clientAuthenticationMethodsWire = Type.Object({
  private_key_jwt: Type.Object({ credentials: Type.Array(clientCredentialWire, { minItems: 1, maxItems: 10 }) }),
});
