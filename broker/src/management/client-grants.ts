import { type Static, Type } from '@sinclair/typebox';
import type { ClientGrant } from '../core/client.ts';
import { ApiError } from '../core/errors.ts';
import { clientGrantAnswer, clientGrantList } from '../wire/management/answers/client-grant.ts';
import { clientGrantFromWire, clientGrantToWire, clientGrantWire } from '../wire/management/resource-servers.ts';
import type { ManagementDeps } from './deps.ts';
import { anyOf, type Endpoint, endpoint } from './endpoint.ts';
import { checkpointParameters, offsetParameters, pageOf, querySchema } from './paging.ts';

const listQuery = querySchema({
  ...offsetParameters,
  ...checkpointParameters,
  audience: Type.Optional(Type.String({ maxLength: 600 })),
  client_id: Type.Optional(Type.String({ maxLength: 64 })),
  subject_type: Type.Optional(Type.Union([Type.Literal('client'), Type.Literal('user')])),
  allow_any_organization: Type.Optional(Type.Boolean()),
  default_for: Type.Optional(Type.String({ maxLength: 64 })),
});

/** What Auth0 says of organizations and rich requests, where it says what is so here anyway: there are none. */
const absent = {
  organization_usage: Type.Optional(Type.Union([Type.Literal('deny'), Type.Null()])),
  allow_any_organization: Type.Optional(Type.Union([Type.Literal(false), Type.Null()])),
  allow_all_scopes: Type.Optional(Type.Union([Type.Literal(false), Type.Null()])),
  authorization_details_types: Type.Optional(Type.Array(Type.String(), { maxItems: 0 })),
};
const scope = Type.Optional(clientGrantWire.properties.scope);
const newGrant = Type.Object({ ...clientGrantWire.properties, scope, ...absent }, { additionalProperties: false });
const changes = Type.Object({ scope, ...absent }, { additionalProperties: false });

/** `/client-grants`: which application may ask for which scopes of which API. */
export function clientGrantEndpoints(deps: ManagementDeps): readonly Endpoint[] {
  const { store, directory, random, audit } = deps;
  return [
    endpoint({
      method: 'GET',
      path: '/client-grants',
      summary: 'List client grants',
      scopes: anyOf('read:client_grants'),
      query: listQuery,
      result: clientGrantList,
      answers: [200],
      async handle({ query }) {
        const { clientGrants } = await directory.read();
        const found = clientGrants.filter((grant) => matches(grant, query)).map(clientGrantToWire);
        return { status: 200, body: pageOf(found, query, { key: 'client_grants', idOf: ({ id }) => id }) };
      },
    }),
    endpoint({
      method: 'POST',
      path: '/client-grants',
      summary: 'Create a client grant',
      scopes: anyOf('create:client_grants'),
      body: newGrant,
      result: clientGrantAnswer,
      answers: [201, 404, 409],
      async handle(call) {
        const { body } = call;
        const tenant = await directory.read();
        if (tenant.findResourceServer(body.audience) === undefined)
          throw new ApiError(404, 'Resource server not found');
        if (tenant.findClient(body.client_id) === undefined) throw new ApiError(404, 'Client not found');
        const grant = clientGrantFromWire({ scope: [], ...body }, random.id('cgr_'));
        if (tenant.findClientGrant(grant.clientId, grant.audience) !== undefined) throw alreadyThere();
        await store.writeAll([store.clientGrants.create(grant), audit(call, 'Create a client grant')]);
        return { status: 201, body: clientGrantToWire(grant) };
      },
    }),
    endpoint({
      method: 'GET',
      path: '/client-grants/:id',
      summary: 'Get a client grant',
      scopes: anyOf('read:client_grants'),
      result: clientGrantAnswer,
      answers: [200, 404],
      handle: async ({ path }) => ({ status: 200, body: clientGrantToWire(await getGrant(deps, path.id)) }),
    }),
    endpoint({
      method: 'PATCH',
      path: '/client-grants/:id',
      summary: 'Change the scopes of a client grant',
      scopes: anyOf('update:client_grants'),
      body: changes,
      result: clientGrantAnswer,
      answers: [200, 404],
      async handle(call) {
        const known = await getGrant(deps, call.path.id);
        const grant = { ...known, scopes: call.body.scope ?? known.scopes };
        await store.writeAll([store.clientGrants.update(grant), audit(call, 'Update a client grant')]);
        return { status: 200, body: clientGrantToWire(grant) };
      },
    }),
    endpoint({
      method: 'DELETE',
      path: '/client-grants/:id',
      summary: 'Delete a client grant',
      scopes: anyOf('delete:client_grants'),
      answers: [204],
      async handle(call) {
        await store.writeAll([store.clientGrants.delete(String(call.path.id)), audit(call, 'Delete a client grant')]);
        return { status: 204 };
      },
    }),
  ];
}

const alreadyThere = () =>
  new ApiError(409, 'A client grant for this application and this API already exists; change it instead', {
    code: 'client_grant_conflict',
  });

async function getGrant({ directory }: ManagementDeps, id: string | undefined): Promise<ClientGrant> {
  const grant = (await directory.read()).clientGrants.find((candidate) => candidate.id === id);
  if (grant !== undefined) return grant;
  throw new ApiError(404, 'The grant does not exist.', { code: 'inexistent_client_grant' });
}

/** Every grant is for an application itself, and none for organizations or for applications in general. */
const matches = (grant: ClientGrant, query: Static<typeof listQuery>): boolean =>
  (query.audience === undefined || grant.audience === query.audience) &&
  (query.client_id === undefined || grant.clientId === query.client_id) &&
  query.subject_type !== 'user' &&
  query.allow_any_organization !== true &&
  query.default_for === undefined;
