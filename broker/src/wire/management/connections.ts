import { type Static, Type } from '@sinclair/typebox';
import {
  type Connection,
  type ConnectionOptions,
  connectionDefaults,
  connectionNamePattern,
} from '../../core/connection.ts';
import type { ClientId, ConnectionId } from '../../core/ids.ts';
import type { JsonObject } from '../../core/json.ts';

/** A connection as Auth0's Management API writes it. Unknown option keys are kept. */
export const connectionWire = Type.Object({
  id: Type.Optional(Type.String({ pattern: '^con_[A-Za-z0-9]{16}$' })),
  name: Type.String({ pattern: connectionNamePattern }),
  strategy: Type.Literal('oauth2'),
  display_name: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
  enabled_clients: Type.Optional(Type.Array(Type.String(), { maxItems: 1000 })),
  options: Type.Record(Type.String(), Type.Unknown()),
  metadata: Type.Optional(Type.Record(Type.String(), Type.String())),
});
export type ConnectionWire = Static<typeof connectionWire>;

export function connectionFromWire(
  wire: ConnectionWire,
  { id, now }: { readonly id: ConnectionId; readonly now: Date },
): Connection {
  return {
    id: (wire.id as ConnectionId | undefined) ?? id,
    name: wire.name,
    strategy: wire.strategy,
    displayName: wire.display_name ?? wire.name,
    options: wire.options as ConnectionOptions,
    enabledClients: new Set((wire.enabled_clients ?? []) as ClientId[]),
    metadata: (wire.metadata ?? {}) as JsonObject,
    ...connectionDefaults,
    createdAt: now,
    updatedAt: now,
  };
}
