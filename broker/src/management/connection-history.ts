import { Type } from '@sinclair/typebox';
import { warningsOf } from '../core/connection-warnings.ts';
import { ApiError } from '../core/errors.ts';
import { describeVersion, restored } from '../tenant/connection-versions.ts';
import { connectionAnswer, connectionVersions, connectionWarnings } from '../wire/management/answers/connection.ts';
import { connectionToWire } from '../wire/management/connection-object.ts';
import { changeConnection, getStored } from './connection-changes.ts';
import type { ManagementDeps } from './deps.ts';
import { anyOf, type Endpoint, endpoint } from './endpoint.ts';
import { querySchema } from './paging.ts';

const listQuery = querySchema({ take: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })) });

/** Additions of Portico: what a connection has been, by whom, and the way back. Below /api/portico/v1. */
export function connectionHistoryEndpoints(deps: ManagementDeps): readonly Endpoint[] {
  const { store, vault, directory, clock } = deps;
  return [
    endpoint({
      method: 'GET',
      base: '/api/portico/v1',
      path: '/connections/warnings',
      summary: 'List what an operator should know about the connections as they are',
      scopes: anyOf('read:connections'),
      result: connectionWarnings,
      answers: [200],
      handle: async () => ({ status: 200, body: { warnings: warningsOf((await directory.read()).connections) } }),
    }),
    endpoint({
      method: 'GET',
      base: '/api/portico/v1',
      path: '/connections/:id/versions',
      summary: 'List the versions of a connection, with what each changed',
      scopes: anyOf('read:connections'),
      query: listQuery,
      result: connectionVersions,
      answers: [200, 404],
      async handle({ path, query }) {
        const { id } = await getStored(deps, path.id);
        const take = query.take ?? 20;
        const stored = await store.connectionVersions.list(id, take + 1);
        const versions = stored.map((version) => vault.openConnectionVersion(version));
        const body = versions.slice(0, take).map((version, index) => describeVersion(version, versions[index + 1]));
        return { status: 200, body: { versions: body } };
      },
    }),
    endpoint({
      method: 'POST',
      base: '/api/portico/v1',
      path: '/connections/:id/versions/:number/restore',
      summary: 'Bring a connection back to what it was in a version',
      scopes: anyOf('update:connections'),
      result: connectionAnswer,
      answers: [200, 404, 412],
      async handle(call) {
        const { id } = await getStored(deps, call.path.id);
        const number = Number(call.path.number);
        const stored = (await store.connectionVersions.list(id, 1000)).find((version) => version.number === number);
        if (stored === undefined) throw new ApiError(404, 'The version does not exist');
        const { content } = vault.openConnectionVersion(stored);
        const tenant = await directory.read();
        const isClient = (client: string) => tenant.findClient(client) !== undefined;
        const connection = await changeConnection(deps, call, {
          id,
          description: `Restore version ${number} of a connection`,
          apply: (known) => restored(known, content, { isClient, now: clock.now() }),
        });
        return { status: 200, body: connectionToWire(connection, { options: false, enabledClients: true }) };
      },
    }),
  ];
}
