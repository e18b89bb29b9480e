import type { Device } from '../core/device.ts';
import type { JsonObject } from '../core/json.ts';
import type { RefreshToken } from '../core/session.ts';
import type { Changes } from './changes.ts';
import { changeTexts } from './changes.ts';
import { compact } from './compact.ts';
import type { SignIn } from './sign-in.ts';

/** `event.session`: metadata with what earlier scripts have changed. */
export function eventSession({ session, user }: SignIn, { sessionMetadata }: Changes): JsonObject {
  return compact({
    id: session.sid,
    user_id: user.id,
    authenticated_at: session.authenticatedAt.toISOString(),
    created_at: (session.createdAt ?? session.authenticatedAt).toISOString(),
    updated_at: session.updatedAt?.toISOString(),
    last_interacted_at: session.lastInteractedAt?.toISOString(),
    idle_expires_at: session.idleExpiresAt?.toISOString(),
    expires_at: session.expiresAt?.toISOString(),
    clients: session.clientIds?.map((id) => ({ client_id: id })),
    device: session.device && eventDevice(session.device),
    metadata: changeTexts(session.metadata ?? {}, sessionMetadata),
  });
}

/** `event.refresh_token` of the one that is exchanged. */
export const eventRefreshToken = (token: RefreshToken, { refreshTokenMetadata }: Changes): JsonObject =>
  compact({
    id: token.id,
    user_id: token.userId,
    client_id: token.clientId,
    session_id: token.sid,
    created_at: token.createdAt.toISOString(),
    expires_at: token.expiresAt?.toISOString(),
    idle_expires_at: token.idleExpiresAt?.toISOString(),
    last_exchanged_at: token.lastExchangedAt?.toISOString(),
    rotating: token.isRotating,
    resource_servers: [compact({ audience: token.audience, scopes: token.scopes.join(' ') })],
    device: eventDevice(token.device),
    metadata: changeTexts(token.metadata, refreshTokenMetadata),
  });

const eventDevice = ({ initial, last }: Device): JsonObject =>
  compact({
    initial_ip: initial.ip,
    initial_user_agent: initial.userAgent,
    last_ip: last.ip,
    last_user_agent: last.userAgent,
  });
