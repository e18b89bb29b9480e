import { type Static, Type } from '@sinclair/typebox';
import type { Client } from '../core/client.ts';
import { clientDefaults } from '../core/client.ts';
import { ApiError } from '../core/errors.ts';
import { hashHandle } from '../core/hash.ts';
import type { ClientId, HandleHash } from '../core/ids.ts';
import type { JsonObject } from '../core/json.ts';
import type { Random } from '../core/random.ts';
import { clientAnswer, clientList, clientOrPart } from '../wire/management/answers/client.ts';
import { clientConnections } from '../wire/management/answers/connection.ts';
import { credentialToWire } from '../wire/management/client-credentials.ts';
import {
  changedSettings,
  clientChangesWire,
  clientOf,
  type NewClient,
  newClientWire,
  withNewerNames,
} from '../wire/management/client-object.ts';
import { connectionToWire } from '../wire/management/connection-object.ts';
import { attachKeys, checkOneMethod } from './attach-keys.ts';
import type { Caller } from './caller.ts';
import { checkAddresses } from './check-addresses.ts';
import { makeCredential } from './client-credentials.ts';
import { viewClient } from './client-view.ts';
import type { ManagementDeps } from './deps.ts';
import { enableEverywhere } from './enable-everywhere.ts';
import { type Acting, anyOf, type Endpoint, endpoint } from './endpoint.ts';
import { checkpointParameters, fieldParameters, offsetParameters, pageOf, pickFields, querySchema } from './paging.ts';
import { validationError } from './problems.ts';

const readers = ['read:clients', 'read:client_keys', 'read:client_credentials', 'read:client_summary'] as const;

const listQuery = querySchema({
  ...offsetParameters,
  ...checkpointParameters,
  ...fieldParameters,
  is_global: Type.Optional(Type.Boolean()),
  is_first_party: Type.Optional(Type.Boolean()),
  app_type: Type.Optional(Type.String({ maxLength: 512 })),
  external_client_id: Type.Optional(Type.String({ maxLength: 2048 })),
  q: Type.Optional(
    Type.String({
      pattern: '^client_grant\\.(?:organization_id:\\S{1,64}|allow_any_organization:true)$',
      description: 'client_grant.organization_id:<id> or client_grant.allow_any_organization:true',
    }),
  ),
});

/** `/clients` and `/clients/:id` (contract: management API §3.1). */
export function clientEndpoints(deps: ManagementDeps): readonly Endpoint[] {
  const { store, directory, clock, random, audit } = deps;
  return [
    endpoint({
      method: 'GET',
      path: '/clients',
      summary: 'List applications',
      scopes: anyOf(...readers),
      query: listQuery,
      result: clientList,
      answers: [200],
      async handle(call) {
        const found = (await directory.read()).clients.filter((client) => matches(client, call.query));
        const view = await viewerOf(deps, call.caller);
        const items = found.map((client) => pickFields(view(client), call.query, ['client_id']));
        await auditSecrets(deps, call, items);
        const body = pageOf(items, call.query, { key: 'clients', idOf: ({ client_id: id }) => String(id) });
        return { status: 200, body };
      },
    }),
    endpoint({
      method: 'POST',
      path: '/clients',
      summary: 'Create an application',
      scopes: anyOf('create:clients'),
      body: newClientWire,
      result: clientAnswer,
      answers: [201, 400, 409],
      async handle(call) {
        const { client_id: givenId, ...rest } = call.body;
        const newer = withNewerNames(rest as JsonObject) as NewClient;
        const { client_authentication_methods: methods, client_secret: given, ...settings } = newer;
        checkOneMethod(methods, settings.token_endpoint_auth_method);
        checkAddresses(settings);
        const now = clock.now();
        const id = (givenId ?? makeId(random, settings.is_first_party)) as ClientId;
        const wires = methods?.private_key_jwt.credentials ?? [];
        const credentials = wires.map((wire) => makeCredential(wire, { random, now }));
        const secret = given ?? random.token('');
        const client = clientOf(
          settings as NewClient,
          {
            ...{ ...clientDefaults, id, credentials, createdAt: now, ...sealSecret(deps, id, secret) },
            isProvenByKey: methods !== undefined,
          },
          now,
        );
        await store.writeAll([store.clients.create(client), audit(call, 'Create an application')]);
        await enableEverywhere(deps, call, client);
        const body = (await viewerOf(deps, everyScope(call.caller)))(client);
        if (methods === undefined) return { status: 201, body };
        // Auth0: the keys are told whole once, and by their ids from then on.
        const keys = { private_key_jwt: { credentials: credentials.map(credentialToWire) } };
        return { status: 201, body: { ...body, client_authentication_methods: keys } };
      },
    }),
    endpoint({
      method: 'GET',
      path: '/clients/:id',
      summary: 'Get an application',
      scopes: anyOf(...readers),
      query: querySchema(fieldParameters),
      result: clientOrPart,
      answers: [200, 404],
      async handle(call) {
        const client = await getClient(deps, call.path.id);
        const body = pickFields((await viewerOf(deps, call.caller))(client), call.query, ['client_id']);
        await auditSecrets(deps, call, [body]);
        return { status: 200, body };
      },
    }),
    endpoint({
      method: 'PATCH',
      path: '/clients/:id',
      summary: 'Change an application',
      scopes: anyOf('update:clients', 'update:client_keys'),
      body: clientChangesWire,
      result: clientAnswer,
      answers: [200, 400, 404],
      handle: (call) =>
        store.exclusively(`client ${call.path.id}`, async () => {
          const known = await getClient(deps, call.path.id);
          const { client_secret: secret, ...settings } = changedSettings(known, call.body);
          if (secret !== undefined && !call.caller.scopes.has('update:client_keys')) {
            throw new ApiError(403, 'Insufficient scope, expected any of: update:client_keys', {
              code: 'insufficient_scope',
            });
          }
          checkAddresses(settings);
          checkMetadata(settings);
          const sealed = typeof secret === 'string' ? sealSecret(deps, known.id, secret) : {};
          const base = { ...known, ...sealed, ...attachKeys(known, call.body) };
          const client = clientOf(settings as NewClient, base, clock.now());
          await store.writeAll([store.clients.update(client), audit(call, 'Update an application')]);
          return { status: 200, body: (await viewerOf(deps, everyScope(call.caller)))(client) };
        }),
    }),
    endpoint({
      method: 'DELETE',
      path: '/clients/:id',
      summary: 'Delete an application, and what it was handed out',
      scopes: anyOf('delete:clients'),
      answers: [204, 400],
      async handle(call) {
        const client = (await directory.read()).findClient(String(call.path.id));
        if (client?.extra.global === true)
          throw new ApiError(400, 'Global client cannot be deleted.', { code: 'invalid_uri' });
        await store.writeAll([store.clients.delete(call.path.id as ClientId), audit(call, 'Delete an application')]);
        return { status: 204 };
      },
    }),
    endpoint({
      method: 'POST',
      path: '/clients/:id/rotate-secret',
      summary: 'Give an application a new secret',
      scopes: anyOf('update:client_keys'),
      result: clientAnswer,
      answers: [200, 404],
      handle: (call) =>
        store.exclusively(`client ${call.path.id}`, async () => {
          const known = await getClient(deps, call.path.id);
          const client = { ...known, ...sealSecret(deps, known.id, random.token('')), updatedAt: clock.now() };
          await store.writeAll([store.clients.update(client), audit(call, 'Rotate the secret of an application')]);
          return { status: 200, body: (await viewerOf(deps, everyScope(call.caller)))(client) };
        }),
    }),
    endpoint({
      method: 'GET',
      path: '/clients/:id/connections',
      summary: 'List the connections that are enabled for an application',
      scopes: [['read:connections'], ['read:clients', 'read:client_summary']],
      query: querySchema({
        ...checkpointParameters,
        ...fieldParameters,
        strategy: Type.Optional(Type.Array(Type.String({ maxLength: 64 }))),
      }),
      result: clientConnections,
      answers: [200, 404],
      async handle({ path, query }) {
        const { id } = await getClient(deps, path.id);
        const tenant = await directory.read();
        const found = tenant.connections.filter(
          ({ enabledClients, strategy }) => enabledClients.has(id) && (query.strategy?.includes(strategy) ?? true),
        );
        const items = found.map((connection) =>
          pickFields(connectionToWire(connection, { options: false, enabledClients: false }), query, ['id']),
        );
        const paging = { take: 50, ...query };
        return { status: 200, body: pageOf(items, paging, { key: 'connections', idOf: (item) => String(item.id) }) };
      },
    }),
  ];
}

export async function getClient(
  { directory }: Pick<ManagementDeps, 'directory'>,
  id: string | undefined,
): Promise<Client> {
  const client = (await directory.read()).findClient(String(id));
  if (client !== undefined) return client;
  throw new ApiError(404, 'The client does not exist', { code: 'inexistent_client' });
}

/** Auth0: the id of somebody else's application says so. */
const makeId = (random: Random, isFirstParty = true): string =>
  isFirstParty ? `${random.id('')}${random.id('')}` : `${random.id('tpc_')}${random.id('').slice(0, 6)}`;

async function viewerOf(deps: ManagementDeps, caller: Caller) {
  const { certificate } = await deps.keys.read();
  const view = { vault: deps.vault, certificate, tenantName: new URL(deps.issuerUrl).hostname };
  return (client: Client) => viewClient(view, client, caller);
}

/** Who has just made or changed a client is shown it whole: the secret is nowhere else. */
const everyScope = (caller: Caller): Caller => ({ ...caller, scopes: new Set(['read:clients', 'read:client_keys']) });

const sealSecret = ({ vault }: ManagementDeps, id: ClientId, secret: string) => ({
  secretHash: hashHandle(secret) as HandleHash,
  sealedSecret: vault.sealClientSecret(id, secret),
});

/** As the schema has it for what comes; together with what was there it may be more. */
function checkMetadata({ client_metadata: metadata = {} }: Pick<NewClient, 'client_metadata'>): void {
  const size = Object.keys(metadata).length;
  if (size <= 10) return;
  throw validationError('Payload', [`'Too many properties defined (${size}), maximum 10' on property client_metadata`]);
}

const matches = (client: Client, query: Static<typeof listQuery>): boolean =>
  // There are no organizations, and no clients that are known by an address.
  query.external_client_id === undefined &&
  query.q === undefined &&
  (query.is_global === undefined || query.is_global === (client.extra.global === true)) &&
  (query.is_first_party === undefined || query.is_first_party === client.isFirstParty) &&
  (query.app_type === undefined || query.app_type.split(',').includes(client.appType));

async function auditSecrets({ store, audit }: ManagementDeps, call: Acting, items: readonly object[]): Promise<void> {
  if (!items.some((item) => 'client_secret' in item)) return;
  await store.write(audit(call, 'Read secrets of applications', { type: 'mgmt_api_read' }));
}
