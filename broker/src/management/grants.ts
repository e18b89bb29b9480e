import { Type } from '@sinclair/typebox';
import type { UserId } from '../core/ids.ts';
import type { UserGrant } from '../core/user-grant.ts';
import { grantList } from '../wire/management/answers/grant.ts';
import type { ManagementDeps } from './deps.ts';
import { allowedEnds } from './end-access.ts';
import { anyOf, type Endpoint, endpoint } from './endpoint.ts';
import { offsetParameters, querySchema } from './paging.ts';

const userId = Type.String({ minLength: 1, maxLength: 300 });
const listQuery = querySchema({
  ...offsetParameters,
  user_id: Type.Optional(userId),
  client_id: Type.Optional(Type.String({ maxLength: 64 })),
  audience: Type.Optional(Type.String({ maxLength: 600 })),
});

/** Applications times APIs: nobody allows so many. */
const mostOfOnePerson = 10_000;

/** `/grants`: what people have allowed applications. Taken back, it ends the refresh tokens that came of it. */
export function grantEndpoints(deps: ManagementDeps): readonly Endpoint[] {
  const { store, audit } = deps;
  return [
    endpoint({
      method: 'GET',
      path: '/grants',
      summary: 'List what people have allowed applications',
      scopes: anyOf('read:grants'),
      query: listQuery,
      result: grantList,
      answers: [200],
      async handle({ query }) {
        const { page = 0, per_page: limit = 50, user_id: person, client_id: clientId, audience } = query;
        const filter = {
          ...(person === undefined ? {} : { userId: person }),
          ...(clientId === undefined ? {} : { clientId }),
          ...(audience === undefined ? {} : { audience }),
        };
        const { grants, total } = await store.userGrants.list(filter, { skip: page * limit, limit });
        const shown = grants.map(toWire);
        const body = query.include_totals === true ? { total, start: page * limit, limit, grants: shown } : shown;
        return { status: 200, body };
      },
    }),
    endpoint({
      method: 'DELETE',
      path: '/grants',
      summary: 'Take back everything that a person has allowed',
      scopes: anyOf('delete:grants'),
      query: querySchema({ user_id: userId }),
      answers: [204, 400],
      async handle(call) {
        const person = call.query.user_id as UserId;
        const { grants } = await store.userGrants.list({ userId: person }, { skip: 0, limit: mostOfOnePerson });
        await store.writeAll([
          store.userGrants.deleteOfUser(person),
          ...(await allowedEnds(deps, grants)),
          audit(call, 'Delete the grants of a user', { userId: person }),
        ]);
        return { status: 204 };
      },
    }),
    endpoint({
      method: 'DELETE',
      path: '/grants/:id',
      summary: 'Take back what a person has allowed an application',
      scopes: anyOf('delete:grants'),
      answers: [204],
      async handle(call) {
        const id = String(call.path.id);
        const grant = await store.userGrants.findById(id);
        const event = audit(call, 'Delete a grant', grant === undefined ? {} : { userId: grant.userId });
        const ends = await allowedEnds(deps, grant === undefined ? [] : [grant]);
        await store.writeAll([store.userGrants.delete(id), ...ends, event]);
        return { status: 204 };
      },
    }),
  ];
}

/** `clientID` is Auth0's spelling. */
const toWire = (grant: UserGrant) => ({
  id: grant.id,
  clientID: grant.clientId,
  user_id: grant.userId,
  ...(grant.audience === undefined ? {} : { audience: grant.audience }),
  scope: grant.scopes,
});
