import { type Static, Type } from '@sinclair/typebox';
import type { Device, Metadata } from '../../core/device.ts';
import type { JsonObject } from '../../core/json.ts';
import type { RefreshToken, Session } from '../../core/session.ts';

/* Sessions and refresh tokens as the Management API shows them: what names them, never what opens them. */

/** Auth0: 25 texts at most, names and values of 255 characters. null takes them all away. */
const metadataWire = Type.Optional(
  Type.Union([
    Type.Record(Type.String({ pattern: '^[^]{1,255}$' }), Type.String({ maxLength: 255 }), {
      maxProperties: 25,
      additionalProperties: false,
    }),
    Type.Null(),
  ]),
);

export const sessionChangesWire = Type.Object(
  { session_metadata: metadataWire },
  { minProperties: 1, additionalProperties: false },
);

export const refreshTokenChangesWire = Type.Object(
  { refresh_token_metadata: metadataWire },
  { minProperties: 1, additionalProperties: false },
);

export const metadataFromWire = (metadata: Static<typeof metadataWire> | undefined): Metadata => metadata ?? {};

export const revokedTokensWire = Type.Object(
  {
    ids: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { minItems: 1, maxItems: 100 })),
    user_id: Type.Optional(Type.String({ minLength: 1, maxLength: 300 })),
    client_id: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    audience: Type.Optional(Type.String({ minLength: 1, maxLength: 600 })),
  },
  { additionalProperties: false },
);

type Shown = JsonObject & { readonly id: string };

export type RevokedTokens = Static<typeof revokedTokensWire>;

export const sessionToWire = (session: Session): Shown => ({
  id: session.sid,
  user_id: session.userId,
  created_at: session.createdAt.toISOString(),
  updated_at: session.updatedAt.toISOString(),
  authenticated_at: session.authenticatedAt.toISOString(),
  last_interacted_at: session.lastInteractedAt.toISOString(),
  idle_expires_at: session.idleExpiresAt.toISOString(),
  expires_at: session.expiresAt.toISOString(),
  device: deviceToWire(session.device),
  clients: session.clientIds.map((id) => ({ client_id: id })),
  authentication: { methods: [{ name: 'federated', timestamp: session.authenticatedAt.toISOString() }] },
  cookie: { mode: 'persistent' },
  session_metadata: session.metadata,
});

export const refreshTokenToWire = (token: RefreshToken): Shown => ({
  id: token.id,
  user_id: token.userId,
  client_id: token.clientId,
  session_id: token.sid ?? null,
  created_at: token.createdAt.toISOString(),
  expires_at: token.expiresAt?.toISOString() ?? null,
  idle_expires_at: token.idleExpiresAt?.toISOString() ?? null,
  last_exchanged_at: token.lastExchangedAt?.toISOString() ?? null,
  rotating: token.isRotating ?? false,
  resource_servers: [
    { ...(token.audience === undefined ? {} : { audience: token.audience }), scopes: token.scopes.join(' ') },
  ],
  device: deviceToWire(token.device),
  refresh_token_metadata: token.metadata,
});

/** A refresh token as `/device-credentials` shows it: by the name that its device gave first. */
export const deviceCredentialToWire = ({ id, device, isRotating, userId, clientId }: RefreshToken): Shown => ({
  id,
  device_name: device.initial.userAgent ?? '',
  type: isRotating === true ? 'rotating_refresh_token' : 'refresh_token',
  user_id: userId,
  client_id: clientId,
});

/** Networks of addresses (ASN) are not known here. */
function deviceToWire({ initial, last }: Device): JsonObject {
  const members: Record<string, string> = {};
  if (initial.ip !== undefined) members.initial_ip = initial.ip;
  if (initial.userAgent !== undefined) members.initial_user_agent = initial.userAgent;
  if (last.ip !== undefined) members.last_ip = last.ip;
  if (last.userAgent !== undefined) members.last_user_agent = last.userAgent;
  return members;
}
