import type { ClientId, ConnectionId, GrantId, UserId } from '../../core/ids.ts';
import type { Authorization } from '../../core/session.ts';
import { fromJson, toJson } from '../columns.ts';
import type { AuthorizationColumns } from '../database.ts';

/** What codes and refresh tokens have in common. */
export const toAuthorizationRow = (authorization: Authorization): AuthorizationColumns => ({
  grant_id: authorization.grantId,
  client_id: authorization.clientId,
  user_id: authorization.userId,
  connection_id: authorization.connectionId,
  sid: authorization.sid ?? null,
  scopes: toJson(authorization.scopes),
  audience: authorization.audience ?? null,
  authenticated_at: authorization.authenticatedAt.getTime(),
  key_thumbprint: authorization.keyThumbprint ?? null,
});

export const fromAuthorizationRow = (row: AuthorizationColumns): Authorization => ({
  grantId: row.grant_id as GrantId,
  clientId: row.client_id as ClientId,
  userId: row.user_id as UserId,
  connectionId: row.connection_id as ConnectionId,
  sid: row.sid ?? undefined,
  scopes: fromJson<string[]>(row.scopes),
  audience: row.audience ?? undefined,
  authenticatedAt: new Date(row.authenticated_at),
  ...(row.key_thumbprint === null ? {} : { keyThumbprint: row.key_thumbprint }),
});
