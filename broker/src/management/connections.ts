import { type Static, Type } from '@sinclair/typebox';
import type { Connection } from '../core/connection.ts';
import { ApiError } from '../core/errors.ts';
import type { ConnectionId } from '../core/ids.ts';
import type { Snapshot } from '../tenant/directory.ts';
import {
  connectionAnswer,
  connectionDeleted,
  connectionList,
  connectionOrPart,
} from '../wire/management/answers/connection.ts';
import {
  type ConnectionChanges,
  changedConnection,
  connectionChangesWire,
  connectionToWire,
  newConnection,
  newConnectionWire,
  type Visibility,
} from '../wire/management/connection-object.ts';
import { insufficientScope } from './caller.ts';
import {
  checkClients,
  checkCrossAppAccess,
  checkProviderAddresses,
  checkReserved,
  checkStrategy,
} from './check-connection.ts';
import { changeConnection, createConnection, entityTagOf, getStored } from './connection-changes.ts';
import type { ManagementDeps } from './deps.ts';
import { type Acting, anyOf, type Call, type Endpoint, endpoint } from './endpoint.ts';
import { checkpointParameters, fieldParameters, offsetParameters, pageOf, pickFields, querySchema } from './paging.ts';
import { validationError } from './problems.ts';
import { withKnownSecret } from './with-known-secret.ts';

const listQuery = querySchema({
  ...offsetParameters,
  ...checkpointParameters,
  ...fieldParameters,
  name: Type.Optional(Type.String({ maxLength: 128 })),
  strategy: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { maxItems: 100 })),
  domain_alias: Type.Optional(Type.String({ maxLength: 256 })),
});

/** Auth0 sends these whatever `fields` says. */
const alwaysThere = ['id', 'is_domain_connection', 'authentication', 'connected_accounts'];

/** `/connections` and `/connections/:id` (contract: management API §2). */
export function connectionEndpoints(deps: ManagementDeps): readonly Endpoint[] {
  const { store, directory, clock, random, audit } = deps;
  return [
    endpoint({
      method: 'GET',
      path: '/connections',
      summary: 'List connections',
      scopes: anyOf('read:connections'),
      query: listQuery,
      result: connectionList,
      answers: [200],
      async handle(call) {
        const tenant = await directory.read();
        const visibility = visibilityOf(call, tenant);
        const found = tenant.connections.filter((connection) => matches(connection, call.query));
        const items = found.map((connection) => {
          return pickFields(connectionToWire(connection, visibility), call.query, alwaysThere);
        });
        await auditSecrets(
          deps,
          call,
          items.some((item) => showsSecret(item)),
        );
        return { status: 200, body: pageOf(items, call.query, { key: 'connections', idOf: ({ id }) => String(id) }) };
      },
    }),
    endpoint({
      method: 'POST',
      path: '/connections',
      summary: 'Create a connection',
      scopes: anyOf('create:connections'),
      body: newConnectionWire,
      result: connectionAnswer,
      answers: [201, 400, 409],
      async handle(call) {
        const { body } = call;
        checkStrategy(body.strategy);
        checkReserved(body.options);
        checkProviderAddresses(body.options);
        checkCrossAppAccess(body);
        const tenant = await directory.read();
        checkClients(tenant, body.enabled_clients);
        const connection = newConnection(body, { id: random.id('con_') as ConnectionId, now: clock.now() });
        await createConnection(deps, call, connection);
        return { status: 201, body: connectionToWire(connection, { options: true, enabledClients: true }) };
      },
    }),
    endpoint({
      method: 'GET',
      path: '/connections/:id',
      summary: 'Get a connection',
      scopes: anyOf('read:connections'),
      query: querySchema(fieldParameters),
      result: connectionOrPart,
      answers: [200, 404],
      async handle(call) {
        const connection = await getStored(deps, call.path.id);
        const visibility = visibilityOf(call, await directory.read());
        const body = pickFields(connectionToWire(connection, visibility), call.query, alwaysThere);
        await auditSecrets(deps, call, showsSecret(body));
        return { status: 200, body, headers: { etag: entityTagOf(connection) } };
      },
    }),
    endpoint({
      method: 'PATCH',
      path: '/connections/:id',
      summary: 'Change a connection; options are replaced whole',
      scopes: anyOf('update:connections'),
      body: connectionChangesWire,
      result: connectionAnswer,
      answers: [200, 400, 404, 412],
      async handle(call) {
        const { body } = call;
        const tenant = await directory.read();
        checkMayChange(call, tenant);
        checkReserved(body.options);
        checkProviderAddresses(body.options);
        checkCrossAppAccess(body);
        checkClients(tenant, body.enabled_clients);
        const changed = await changeConnection(deps, call, {
          id: call.path.id,
          description: 'Update a connection',
          apply: (known) => changedConnection(known, withKnownSecret(call, known), clock.now()),
        });
        const visibility = { ...visibilityOf(call, tenant), options: true };
        return { status: 200, body: connectionToWire(changed, visibility), headers: { etag: entityTagOf(changed) } };
      },
    }),
    endpoint({
      method: 'DELETE',
      path: '/connections/:id',
      summary: 'Delete a connection, and those who came in through it alone',
      scopes: anyOf('delete:connections'),
      result: connectionDeleted,
      answers: [202, 204],
      async handle(call) {
        const id = call.path.id as ConnectionId;
        const [isDeleted] = await store.writeAll([
          store.connections.delete(id),
          audit(call, 'Delete a connection', { connectionId: id }),
        ]);
        return isDeleted ? { status: 202, body: { deleted_at: clock.now().toISOString() } } : { status: 204 };
      },
    }),
    endpoint({
      method: 'GET',
      path: '/connections/:id/status',
      summary: 'Tell whether a connection can be used',
      scopes: anyOf('read:connections'),
      answers: [200, 404],
      async handle({ path }) {
        if ((await directory.read()).findConnection(path.id as ConnectionId) !== undefined) return { status: 200 };
        throw new ApiError(404, 'Connection not found', { code: 'inexistent_connection' });
      },
    }),
  ];
}

/** The two migrations that Auth0 made of the connection object, as tenant switches. */
const visibilityOf = ({ caller }: Pick<Call, 'caller'>, { settings }: Snapshot): Visibility => ({
  options: settings.hasConnectionOptionsWithoutScopes || caller.scopes.has('read:connections_options'),
  enabledClients: settings.hasEnabledClientsOnConnections,
});

function checkMayChange(
  { caller, body }: Pick<Call, 'caller'> & { readonly body: ConnectionChanges },
  { settings }: Snapshot,
) {
  if (body.enabled_clients !== undefined && !settings.hasEnabledClientsOnConnections) {
    throw validationError('Payload', ["'Additional properties not allowed: enabled_clients'"]);
  }
  const mayChangeOptions =
    settings.hasConnectionOptionsWithoutScopes || caller.scopes.has('update:connections_options');
  if (body.options !== undefined && !mayChangeOptions) throw insufficientScope(['update:connections_options']);
}

const matches = ({ name, strategy }: Connection, query: Static<typeof listQuery>): boolean =>
  (query.name === undefined || query.name === name) &&
  (query.strategy === undefined || query.strategy.includes(strategy)) &&
  query.domain_alias === undefined;

const showsSecret = ({ options }: { readonly options?: { readonly client_secret?: unknown } | undefined }): boolean =>
  typeof options?.client_secret === 'string' && options.client_secret !== '';

/** Secrets are shown as on Auth0, and each time it is written down who saw them. */
async function auditSecrets({ store, audit }: ManagementDeps, call: Acting, isNeeded: boolean): Promise<void> {
  if (!isNeeded) return;
  await store.write(audit(call, 'Read secrets of connections', { type: 'mgmt_api_read' }));
}
