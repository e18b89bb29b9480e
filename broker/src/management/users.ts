import { Type } from '@sinclair/typebox';
import { ApiError, isConflict } from '../core/errors.ts';
import type { UserId } from '../core/ids.ts';
import type { User } from '../core/user.ts';
import { userAnswer, userArray, userList, userOrPart } from '../wire/management/answers/user.ts';
import { newUserWire, type UserChanges, userChangesWire } from '../wire/management/user-object.ts';
import { deleteUser } from './delete-user.ts';
import type { ManagementDeps } from './deps.ts';
import { anyOf, type Call, type Endpoint, endpoint } from './endpoint.ts';
import { checkSubject, getUser } from './get-user.ts';
import { fieldParameters, pickFields, querySchema } from './paging.ts';
import { searchUsers, userListQuery } from './search-users.ts';
import { isPrimaryIdentity, showUser, showUsers, tokenScope } from './show-users.ts';
import { changedUser, checkChanges, checkMayChange, ownMetadata } from './user-changes.ts';

/** `/users`, `/users/:id` and `/users-by-email` (contract: management API §4). */
export function userEndpoints(deps: ManagementDeps): readonly Endpoint[] {
  const { store, directory } = deps;
  return [
    endpoint({
      method: 'GET',
      path: '/users',
      summary: 'List or search users',
      scopes: anyOf('read:users', tokenScope),
      query: userListQuery,
      result: userList,
      answers: [200, 400, 503],
      handle: async (call) => ({ status: 200, body: await searchUsers(deps, call) }),
    }),
    endpoint({
      method: 'POST',
      path: '/users',
      summary: 'Create a user: refused, since people of a social connection come by signing in',
      scopes: anyOf('create:users'),
      body: newUserWire,
      answers: [400],
      async handle({ body }) {
        if ((await directory.read()).findConnectionByName(body.connection) === undefined) {
          throw new ApiError(400, 'The connection does not exist.', { code: 'inexistent_connection' });
        }
        throw new ApiError(
          400,
          'Connection does not support user creation through the API. It must either be a database or passwordless connection.',
          { code: 'operation_not_supported' },
        );
      },
    }),
    endpoint({
      method: 'GET',
      path: '/users-by-email',
      summary: 'List the users with an e-mail address',
      scopes: anyOf('read:users'),
      query: querySchema({ ...fieldParameters, email: Type.String({ minLength: 1, maxLength: 320 }) }),
      result: userArray,
      answers: [200],
      async handle(call) {
        const users = await showUsers(deps, call, await store.users.listByEmail(call.query.email));
        return { status: 200, body: users.map((user) => pickFields(user, call.query)) };
      },
    }),
    endpoint({
      method: 'GET',
      path: '/users/:id',
      summary: 'Get a user',
      scopes: anyOf('read:users', 'read:current_user', tokenScope),
      query: querySchema(fieldParameters),
      result: userOrPart,
      answers: [200, 404],
      async handle(call) {
        checkSubject(call, ['read:users', tokenScope]);
        const user = await getUser(deps, call.path.id);
        return { status: 200, body: pickFields(await showUser(deps, call, user), call.query) };
      },
    }),
    endpoint({
      method: 'PATCH',
      path: '/users/:id',
      summary: 'Change a user; metadata is merged on its first level',
      scopes: anyOf('update:users', 'update:users_app_metadata', ...ownMetadata),
      body: userChangesWire,
      result: userAnswer,
      answers: [200, 400, 404],
      async handle(call) {
        checkSubject(call, ['update:users', 'update:users_app_metadata']);
        checkMayChange(call.caller, call.body);
        const changed = await changeUser(deps, call);
        const emptied = call.body.user_metadata === undefined ? {} : { user_metadata: changed.userMetadata };
        return { status: 200, body: { ...(await showUser(deps, call, changed)), ...emptied } };
      },
    }),
    endpoint({
      method: 'DELETE',
      path: '/users/:id',
      summary: 'Delete a user with every identity, session and token',
      scopes: anyOf('delete:users', 'delete:current_user'),
      answers: [204],
      async handle(call) {
        checkSubject(call, ['delete:users']);
        const id = call.path.id as UserId;
        await deleteUser(deps, call, id);
        deps.tellApplications();
        return { status: 204 };
      },
    }),
  ];
}

const attempts = 5;

/** Read, changed and written while no other call does; a sign-in that comes in between is taken into account. */
function changeUser(deps: ManagementDeps, call: Call<unknown, UserChanges>): Promise<User> {
  const { store, clock, audit } = deps;
  return store.exclusively(`user ${call.path.id}`, async () => {
    for (let attempt = 1; ; attempt += 1) {
      const known = await getUser(deps, call.path.id);
      checkChanges(call.body, await connectionsOf(deps, known));
      const changed = changedUser(known, call.body, clock.now());
      const description = changed.isBlocked === known.isBlocked ? 'Update a user' : blockingOf(changed);
      const details = { changed: Object.keys(call.body) };
      try {
        await store.writeAll([
          store.users.update(changed, known),
          audit(call, description, { userId: known.id, details }),
        ]);
        return changed;
      } catch (error) {
        if (attempt === attempts || !isConflict(error)) throw error;
      }
    }
  });
}

const blockingOf = ({ isBlocked }: User): string => (isBlocked ? 'Block a user' : 'Unblock a user');

/** Of a person's identities, that of the first one first. */
async function connectionsOf({ store, directory }: ManagementDeps, { id }: User) {
  const [identities, tenant] = await Promise.all([store.identities.listByUser(id), directory.read()]);
  const found = identities.flatMap((identity) => {
    const connection = tenant.findConnection(identity.connectionId);
    return connection === undefined ? [] : [{ connection, isPrimary: isPrimaryIdentity(identity, connection) }];
  });
  return [...found.filter(({ isPrimary }) => isPrimary), ...found.filter(({ isPrimary }) => !isPrimary)].map(
    ({ connection }) => connection,
  );
}
