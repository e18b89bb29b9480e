import { type Static, Type } from '@sinclair/typebox';
import type { ClientCredential } from '../../core/client.ts';
import { readClientKey } from '../../core/client-key.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Random } from '../../core/random.ts';

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

const closed = { additionalProperties: false } as const;

/** `PATCH /clients/:id` names those of the client's keys that it proves itself with from now on. */
export const attachedKeysWire = Type.Object(
  {
    private_key_jwt: Type.Object(
      { credentials: Type.Array(Type.Object({ id: Type.String({ maxLength: 64 }) }, closed), { maxItems: 10 }) },
      closed,
    ),
  },
  closed,
);
export type AttachedKeysWire = Static<typeof attachedKeysWire>;

type Making = { readonly random: Random; readonly now: Date };

/** The credential, or what is wrong with it, to be put after its name. */
export function readCredential(wire: ClientCredentialWire, { random, now }: Making): ClientCredential | string {
  const { pem, jwk } = wire;
  const key = readClientKey({
    ...(pem === undefined ? {} : { pem }),
    ...(jwk === undefined ? {} : { jwk: jwk as JsonObject }),
  });
  if (typeof key === 'string') return key;
  const expiresAt =
    wire.expires_at === undefined && wire.parse_expiry_from_cert === true
      ? key.certificateExpiresAt
      : toDate(wire.expires_at);
  if (expiresAt !== undefined && Number.isNaN(expiresAt.getTime())) return 'has an expires_at that is no time';
  return {
    id: random.id('cred_'),
    name: wire.name ?? '',
    keyId: key.keyId,
    algorithm: wire.alg ?? 'RS256',
    publicJwk: key.publicJwk,
    createdAt: now.toISOString(),
    expiresAt: expiresAt?.toISOString(),
  };
}

export const credentialToWire = (credential: ClientCredential) => ({
  id: credential.id,
  name: credential.name,
  kid: credential.keyId,
  alg: credential.algorithm,
  credential_type: 'public_key',
  created_at: credential.createdAt,
  updated_at: credential.updatedAt ?? credential.createdAt,
  ...(credential.expiresAt === undefined ? {} : { expires_at: credential.expiresAt }),
});

const toDate = (text: string | undefined): Date | undefined => (text === undefined ? undefined : new Date(text));
