import type { JsonObject } from '../../core/json.ts';
import type { RefreshToken, Session } from '../../core/session.ts';

/* Sessions and refresh tokens as the Management API shows them: what names them, never what opens them. */

export const sessionToWire = (session: Session): JsonObject => ({
  id: session.sid,
  user_id: session.userId,
  created_at: session.authenticatedAt.toISOString(),
  updated_at: session.authenticatedAt.toISOString(),
  authenticated_at: session.authenticatedAt.toISOString(),
  idle_expires_at: session.idleExpiresAt.toISOString(),
  expires_at: session.expiresAt.toISOString(),
  authentication: { methods: [{ name: 'federated', timestamp: session.authenticatedAt.toISOString() }] },
});

export const refreshTokenToWire = (token: RefreshToken): JsonObject => ({
  id: token.id,
  user_id: token.userId,
  client_id: token.clientId,
  session_id: token.sid ?? null,
  created_at: token.createdAt.toISOString(),
  expires_at: token.expiresAt?.toISOString() ?? null,
  idle_expires_at: token.idleExpiresAt?.toISOString() ?? null,
  rotating: token.isRotating ?? false,
  resource_servers: [{ audience: token.audience ?? null, scopes: token.scopes.join(' ') }],
});
