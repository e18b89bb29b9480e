import { type Static, Type } from '@sinclair/typebox';
import { type Connection, type ConnectionOptions, connectionDefaults } from '../../core/connection.ts';
import type { ClientId, ConnectionId } from '../../core/ids.ts';
import type { JsonObject } from '../../core/json.ts';
import { withAsciiHosts } from '../../core/provider-address.ts';
import { connectionOptionsWire } from './connection-options.ts';

const closed = { additionalProperties: false } as const;
const purpose = Type.Object({ active: Type.Boolean() }, closed);
const status = Type.Union([Type.Literal('enabled'), Type.Literal('disabled')]);

/** What can be said of a connection at any time (contract: management API §2.3). */
const changeable = {
  display_name: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
  options: Type.Optional(connectionOptionsWire),
  enabled_clients: Type.Optional(Type.Union([Type.Array(Type.String({ maxLength: 64 })), Type.Null()])),
  is_domain_connection: Type.Optional(Type.Boolean()),
  show_as_button: Type.Optional(Type.Boolean()),
  realms: Type.Optional(Type.Array(Type.String({ maxLength: 128 }), { maxItems: 10 })),
  metadata: Type.Optional(
    Type.Record(Type.String({ maxLength: 255 }), Type.Union([Type.String({ maxLength: 255 }), Type.Null()]), {
      maxProperties: 10,
    }),
  ),
  authentication: Type.Optional(purpose),
  connected_accounts: Type.Optional(
    Type.Object(
      { active: Type.Boolean(), cross_app_access: Type.Optional(Type.Boolean()) },
      { additionalProperties: false },
    ),
  ),
  cross_app_access_requesting_app: Type.Optional(Type.Union([purpose, Type.Null()])),
  cross_app_access_resource_app: Type.Optional(Type.Union([Type.Object({ status }, closed), Type.Null()])),
};

export const newConnectionWire = Type.Object(
  {
    name: Type.String({
      minLength: 1,
      maxLength: 128,
      pattern: '^[a-zA-Z0-9](-[a-zA-Z0-9]|[a-zA-Z0-9])*$',
      description: 'The name of the connection: letters, digits, and single dashes between them',
    }),
    strategy: Type.String({ maxLength: 64 }),
    ...changeable,
  },
  { additionalProperties: false },
);

export const connectionChangesWire = Type.Object(changeable, { additionalProperties: false, minProperties: 1 });
export type ConnectionChanges = Static<typeof connectionChangesWire>;

export type NewConnection = Static<typeof newConnectionWire>;

export function newConnection(
  wire: NewConnection,
  { id, now }: { readonly id: ConnectionId; readonly now: Date },
): Connection {
  const empty: Connection = {
    ...connectionDefaults,
    id,
    name: wire.name,
    strategy: wire.strategy,
    displayName: wire.name,
    options: {},
    enabledClients: new Set(),
    metadata: {},
    createdAt: now,
    updatedAt: now,
  };
  return changedConnection(empty, wire, now);
}

/** PATCH: `options` are replaced whole, and a display name that is not repeated is lost (contract §2.4). */
export function changedConnection(known: Connection, changes: ConnectionChanges, now: Date): Connection {
  const { display_name: displayName, options, enabled_clients: clients, metadata, authentication, ...rest } = changes;
  const { name: _, strategy: __, ...extra } = rest as typeof rest & { name?: string; strategy?: string };
  return {
    ...known,
    displayName: displayName ?? known.name,
    options: options === undefined ? known.options : withAsciiHosts(options as ConnectionOptions),
    enabledClients: clients === undefined ? known.enabledClients : new Set((clients ?? []) as ClientId[]),
    metadata: metadata === undefined ? known.metadata : withoutNull(metadata as JsonObject),
    isForSignIn: authentication?.active ?? known.isForSignIn,
    extra: extraOf({ ...known.extra, display_name: null, ...(extra as JsonObject) }, { displayName, name: known.name }),
    updatedAt: now,
  };
}

/** null takes away; a display name that is the name is kept here, to be shown to who has said it. */
function extraOf(
  extra: JsonObject,
  { displayName, name }: { readonly displayName: string | undefined; readonly name: string },
): JsonObject {
  const said = displayName === name ? { display_name: name } : {};
  return withoutNull({ ...extra, ...said });
}

const withoutNull = (object: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null));

export type Visibility = { readonly options: boolean; readonly enabledClients: boolean };

/** The object of the wire. Where nobody has set a display name Auth0 leaves the key out. */
export function connectionToWire(connection: Connection, { options, enabledClients }: Visibility) {
  const { id, name, strategy, displayName, metadata, isForSignIn, extra } = connection;
  return {
    id,
    ...(options ? { options: connection.options } : {}),
    strategy,
    name,
    is_domain_connection: false,
    authentication: { active: isForSignIn },
    connected_accounts: { active: false },
    ...(displayName === name ? {} : { display_name: displayName }),
    realms: [name],
    ...extra,
    ...(enabledClients ? { enabled_clients: [...connection.enabledClients] } : {}),
    ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
  };
}
