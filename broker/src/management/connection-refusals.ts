import { Type } from '@sinclair/typebox';
import { ApiError } from '../core/errors.ts';
import { getStored } from './connection-changes.ts';
import type { ManagementDeps } from './deps.ts';
import { anyOf, type Endpoint, endpoint, type ScopeRule } from './endpoint.ts';
import { querySchema } from './paging.ts';

/** What connections of other strategies do, and those of `oauth2` do not: refused as on Auth0 (contract §2.1). */
export function connectionRefusalEndpoints(deps: ManagementDeps): readonly Endpoint[] {
  const refuse = async (id: string | undefined, message: string) => {
    await getStored(deps, id);
    throw new ApiError(400, message, { code: 'operation_not_supported' });
  };
  const keys = (method: 'GET' | 'POST', path: string, scopes: ScopeRule): Endpoint =>
    endpoint({
      method,
      path: `/connections/:id/keys${path}`,
      summary: 'Keys of a connection: refused, since connections of the strategy oauth2 have a secret',
      scopes,
      answers: [400, 404],
      handle: (call) => refuse(call.path.id, 'keys are not available for this connection'),
    });
  return [
    keys('GET', '', anyOf('read:connections_keys')),
    keys('POST', '', anyOf('create:connections_keys')),
    keys('POST', '/rotate', [['create:connections_keys'], ['update:connections_keys']]),
    endpoint({
      method: 'DELETE',
      path: '/connections/:id/users',
      summary: 'Delete a user of a database: refused, since there are no databases',
      scopes: anyOf('delete:users'),
      query: querySchema({ email: Type.String({ maxLength: 320 }) }),
      answers: [400, 404],
      handle: (call) => refuse(call.path.id, 'Connection must be a database connection'),
    }),
  ];
}
