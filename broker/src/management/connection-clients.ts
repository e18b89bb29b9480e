import { Type } from '@sinclair/typebox';
import { ApiError } from '../core/errors.ts';
import type { ClientId } from '../core/ids.ts';
import { connectionClients } from '../wire/management/answers/connection.ts';
import { changeConnection, getStored } from './connection-changes.ts';
import type { ManagementDeps } from './deps.ts';
import { anyOf, type Endpoint, endpoint } from './endpoint.ts';
import { pageOf, querySchema } from './paging.ts';

const listQuery = querySchema({
  from: Type.Optional(Type.String({ maxLength: 1000 })),
  take: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
});

const changes = Type.Array(
  Type.Object({ client_id: Type.String({ maxLength: 64 }), status: Type.Boolean() }, { additionalProperties: false }),
  { minItems: 1, maxItems: 50 },
);

/** `/connections/:id/clients`: the "Applications view". Takes effect with the next request. */
export function connectionClientEndpoints(deps: ManagementDeps): readonly Endpoint[] {
  const { directory, clock } = deps;
  return [
    endpoint({
      method: 'GET',
      path: '/connections/:id/clients',
      summary: 'List the applications that a connection is enabled for',
      scopes: anyOf('read:connections'),
      query: listQuery,
      result: connectionClients,
      answers: [200, 404],
      async handle({ path, query }) {
        const { enabledClients } = await getStored(deps, path.id);
        const clients = [...enabledClients].sort().map((id) => ({ client_id: id }));
        const paging = { take: 50, ...query };
        return { status: 200, body: pageOf(clients, paging, { key: 'clients', idOf: (client) => client.client_id }) };
      },
    }),
    endpoint({
      method: 'PATCH',
      path: '/connections/:id/clients',
      summary: 'Enable or disable applications',
      scopes: anyOf('update:connections'),
      body: changes,
      answers: [204, 404],
      async handle(call) {
        const tenant = await directory.read();
        const unknown = call.body.find(({ client_id: id }) => tenant.findClient(id) === undefined);
        if (unknown !== undefined) throw new ApiError(404, 'The client does not exist', { code: 'inexistent_client' });
        await changeConnection(deps, call, {
          id: call.path.id,
          description: 'Change the applications of a connection',
          apply(known) {
            const enabledClients = new Set(known.enabledClients);
            for (const { client_id: id, status } of call.body) {
              if (status) enabledClients.add(id as ClientId);
              else enabledClients.delete(id as ClientId);
            }
            return { ...known, enabledClients, updatedAt: clock.now() };
          },
        });
        return { status: 204 };
      },
    }),
  ];
}
