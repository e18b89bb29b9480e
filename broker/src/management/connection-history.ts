import { isDeepStrictEqual } from 'node:util';
import { Type } from '@sinclair/typebox';
import type { ConnectionContent, ConnectionVersion } from '../core/connection.ts';
import { ApiError } from '../core/errors.ts';
import type { Json, JsonObject } from '../core/json.ts';
import { isJsonObject } from '../core/json.ts';
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
      path: '/connections/:id/versions',
      summary: 'List the versions of a connection, with what each changed',
      scopes: anyOf('read:connections'),
      query: listQuery,
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
      answers: [200, 404, 412],
      async handle(call) {
        const { id } = await getStored(deps, call.path.id);
        const number = Number(call.path.number);
        const stored = (await store.connectionVersions.list(id, 1000)).find((version) => version.number === number);
        if (stored === undefined) throw new ApiError(404, 'The version does not exist');
        const { content } = vault.openConnectionVersion(stored);
        const tenant = await directory.read();
        const restored = await changeConnection(deps, call, {
          id,
          description: `Restore version ${number} of a connection`,
          apply: (known) => ({
            ...known,
            ...content,
            // An application that is gone stays gone.
            enabledClients: new Set(content.enabledClients.filter((client) => tenant.findClient(client) !== undefined)),
            updatedAt: clock.now(),
          }),
        });
        return { status: 200, body: connectionToWire(restored, { options: false, enabledClients: true }) };
      },
    }),
  ];
}

function describeVersion({ number, at, actor, content }: ConnectionVersion, before: ConnectionVersion | undefined) {
  return { number, at: at.toISOString(), actor, changes: changesOf(before?.content, content) };
}

/** What is different, by dotted path. Values that may be secrets are told as changed, and not shown. */
export function changesOf(before: ConnectionContent | undefined, after: ConnectionContent): JsonObject {
  const changes: Record<string, Json> = {};
  const old = flatten((before ?? {}) as JsonObject);
  const now = flatten(after as ConnectionContent & JsonObject);
  for (const path of [...new Set([...old.keys(), ...now.keys()])].sort()) {
    const [from, to] = [old.get(path), now.get(path)];
    if (isDeepStrictEqual(from, to)) continue;
    changes[path] = isSecret(path)
      ? { changed: true }
      : { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
  }
  return changes;
}

const isSecret = (path: string): boolean => /secret|password|token(?!URL)|key|customHeaders|authorization$/i.test(path);

function flatten(value: JsonObject, prefix = ''): Map<string, Json> {
  return new Map(
    Object.entries(value).flatMap(([name, member]): [string, Json][] => {
      const path = `${prefix}${name}`;
      return isJsonObject(member) && Object.keys(member).length > 0
        ? [...flatten(member, `${path}.`)]
        : [[path, member]];
    }),
  );
}
