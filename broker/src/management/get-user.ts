import { ApiError } from '../core/errors.ts';
import type { UserId } from '../core/ids.ts';
import type { User } from '../core/user.ts';
import type { ManagementDeps } from './deps.ts';
import type { Call } from './endpoint.ts';

export async function getUser({ store }: Pick<ManagementDeps, 'store'>, id: string | undefined): Promise<User> {
  const user = await store.users.find(id as UserId);
  if (user !== undefined) return user;
  throw new ApiError(404, 'The user does not exist.', { code: 'inexistent_user' });
}

/** Scopes that end in `current_user…` are for one's own record only. */
export function checkSubject({ caller, path }: Pick<Call, 'caller' | 'path'>, forAnyone: readonly string[]): void {
  if (forAnyone.some((scope) => caller.scopes.has(scope)) || caller.subject === path.id) return;
  throw new ApiError(403, 'User to be acted on does not match subject in bearer token.', {
    code: 'insufficient_scope',
  });
}
