import { createHash } from 'node:crypto';
import { type Static, type TSchema, Type } from '@sinclair/typebox';
import type { ResourceServer } from '../core/client.ts';
import { ApiError, isConflict } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import { resourceServerAnswer, resourceServerList } from '../wire/management/answers/resource-server.ts';
import {
  keptApiSettings,
  resourceServerFromWire,
  resourceServerToWire,
  resourceServerWire,
} from '../wire/management/resource-servers.ts';
import type { ManagementDeps } from './deps.ts';
import { anyOf, type Endpoint, endpoint } from './endpoint.ts';
import { checkpointParameters, offsetParameters, pageOf, querySchema } from './paging.ts';

const anything = Object.fromEntries(keptApiSettings.map((name) => [name, Type.Optional(Type.Unknown())]));
const { identifier, ...settings } = resourceServerWire.properties;
const closed = { additionalProperties: false } as const;
const policyOf = (values: readonly string[]) =>
  Type.Optional(Type.Object({ policy: Type.Union(values.map((value) => Type.Literal(value))) }, closed));
/** Whether applications may have tokens of their own, and people through applications. */
const subjects = Type.Object(
  {
    client: policyOf(['deny_all', 'require_client_grant']),
    user: policyOf(['allow_all', 'deny_all', 'require_client_grant']),
  },
  closed,
);
const newWire = Type.Object(
  { identifier, ...settings, ...anything, subject_type_authorization: Type.Optional(subjects) },
  closed,
);
const nullable = (schema: TSchema) => Type.Optional(Type.Union([schema, Type.Null()]));
const changesWire = Type.Object(
  {
    ...Object.fromEntries(Object.entries(settings).map(([name, schema]) => [name, nullable(schema)])),
    ...anything,
    subject_type_authorization: nullable(subjects),
  },
  closed,
);

const listQuery = querySchema({
  ...offsetParameters,
  ...checkpointParameters,
  identifiers: Type.Optional(Type.Array(Type.String({ maxLength: 600 }), { maxItems: 10 })),
  include_fields: Type.Optional(Type.Boolean()),
});

/** `/resource-servers`: the APIs; one is found by its id or by its identifier (contract: management API §3.3).
 * `listScopes`: every scope that some endpoint asks for, which are those of the Management API. */
export function resourceServerEndpoints(
  deps: ManagementDeps,
  listScopes: () => readonly string[],
): readonly Endpoint[] {
  const { store, directory, vault, random, audit } = deps;
  const toWire = (api: ResourceServer) =>
    resourceServerToWire(api, (id, sealed) => vault.openSigningSecret(id, sealed));
  let systemScopes: readonly JsonObject[] | undefined;
  const view = (api: ResourceServer) => {
    if (!api.isSystem) return toWire(api);
    systemScopes ??= listScopes().map(describeScope);
    return { ...toWire(api), scopes: systemScopes };
  };
  return [
    endpoint({
      method: 'GET',
      path: '/resource-servers',
      summary: 'List APIs',
      scopes: anyOf('read:resource_servers'),
      query: listQuery,
      result: resourceServerList,
      answers: [200],
      async handle({ query }) {
        const { resourceServers } = await directory.read();
        const found = resourceServers.filter((api) => query.identifiers?.includes(api.identifier) ?? true).map(view);
        return { status: 200, body: pageOf(found, query, { key: 'resource_servers', idOf: ({ id }) => id }) };
      },
    }),
    endpoint({
      method: 'POST',
      path: '/resource-servers',
      summary: 'Create an API',
      scopes: anyOf('create:resource_servers'),
      body: newWire,
      result: resourceServerAnswer,
      answers: [201, 409],
      async handle(call) {
        const body = call.body as Static<typeof resourceServerWire> & JsonObject;
        // Auth0: an API that is made here asks for consent unless it says otherwise.
        const asking = { skip_consent_for_verifiable_first_party_clients: false, ...body };
        const api = make(deps, asking, createHash('sha256').update(random.token('')).digest('hex').slice(0, 24));
        try {
          await store.writeAll([store.resourceServers.create(api), audit(call, 'Create an API')]);
        } catch (cause) {
          if (!isConflict(cause)) throw cause;
          const text = `A resource server with the same identifier already exists: ${body.identifier}`;
          throw new ApiError(409, text, { code: 'resource_server_conflict', cause });
        }
        return { status: 201, body: view(api) };
      },
    }),
    endpoint({
      method: 'GET',
      path: '/resource-servers/:id',
      summary: 'Get an API',
      scopes: anyOf('read:resource_servers'),
      query: querySchema({ include_fields: Type.Optional(Type.Boolean()) }),
      result: resourceServerAnswer,
      answers: [200, 404],
      handle: async ({ path }) => ({ status: 200, body: view(await getApi(deps, path.id)) }),
    }),
    endpoint({
      method: 'PATCH',
      path: '/resource-servers/:id',
      summary: 'Change an API',
      scopes: anyOf('update:resource_servers'),
      body: changesWire,
      result: resourceServerAnswer,
      answers: [200, 400, 404],
      handle: (call) =>
        store.exclusively(`api ${call.path.id}`, async () => {
          const known = await getApi(deps, call.path.id);
          const changes = call.body as JsonObject;
          checkMayChange(known, changes);
          const { id: _, is_system: __, ...before } = toWire(known) as JsonObject;
          const merged = Object.fromEntries(
            Object.entries({ ...before, ...changes }).filter(([, value]) => value !== null),
          );
          const made = make(deps, merged as Static<typeof resourceServerWire> & JsonObject, known.id);
          const api = { ...made, isSystem: known.isSystem };
          await store.writeAll([store.resourceServers.update(api), audit(call, 'Update an API')]);
          return { status: 200, body: view(api) };
        }),
    }),
    endpoint({
      method: 'DELETE',
      path: '/resource-servers/:id',
      summary: 'Delete an API',
      scopes: anyOf('delete:resource_servers'),
      answers: [204, 400],
      async handle(call) {
        const api = (await directory.read()).resourceServers.find((candidate) => isNamed(candidate, call.path.id));
        if (api === undefined) return { status: 204 };
        if (api.isSystem) throw systemApiError();
        await store.writeAll([store.resourceServers.delete(api.id), audit(call, 'Delete an API')]);
        return { status: 204 };
      },
    }),
  ];
}

/** In the manner of Auth0: `read:client_grants` is to "Read Client Grants". */
const describeScope = (value: string) => ({
  value,
  description: value.replace(/(?:^|[:_])(\w)/g, (_, letter: string) => ` ${letter.toUpperCase()}`).trim(),
});

/** Paths come decoded once; clients that encode twice are understood too (contract §3.3). */
const isNamed = ({ id, identifier: name }: ResourceServer, asked: string | undefined): boolean =>
  asked !== undefined && (asked === id || asked === name || asked === encodeURIComponent(name));

async function getApi({ directory }: ManagementDeps, asked: string | undefined): Promise<ResourceServer> {
  const api = (await directory.read()).resourceServers.find((candidate) => isNamed(candidate, asked));
  if (api !== undefined) return api;
  throw new ApiError(404, 'The resource server does not exist', { code: 'inexistent_resource_server' });
}

const systemApiError = () =>
  new ApiError(400, 'The Management API cannot be deleted, and only its lifetimes can be changed', {
    code: 'invalid_body',
  });

function checkMayChange({ isSystem }: ResourceServer, changes: JsonObject): void {
  const changeableOfSystem = new Set([
    'token_lifetime',
    'token_lifetime_for_web',
    'skip_consent_for_verifiable_first_party_clients',
  ]);
  if (isSystem && Object.keys(changes).some((name) => !changeableOfSystem.has(name))) throw systemApiError();
}

function make(
  { vault }: ManagementDeps,
  wire: Static<typeof resourceServerWire> & JsonObject,
  id: string,
): ResourceServer {
  const { signing_secret: secret } = wire;
  const extra = Object.fromEntries(
    Object.entries(wire).filter(([name]) => (keptApiSettings as readonly string[]).includes(name)),
  );
  const sealed = secret === undefined ? undefined : vault.sealSigningSecret(id, secret);
  // Who says the dialect that is usual wants to read it again.
  const said = wire.token_dialect === undefined ? {} : { token_dialect: wire.token_dialect };
  return { ...resourceServerFromWire(wire, id, sealed), extra: { ...(extra as JsonObject), ...said } };
}
