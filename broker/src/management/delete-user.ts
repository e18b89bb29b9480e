import type { UserId } from '../core/ids.ts';
import { logNameOf } from '../core/log-event.ts';
import type { ManagementDeps } from './deps.ts';
import { everySession } from './end-access.ts';
import type { Acting } from './endpoint.ts';

/** With every session and token. Who is not there is no failure, and not told of as deleted. */
export async function deleteUser(deps: ManagementDeps, call: Acting, id: UserId): Promise<void> {
  const { store, audit } = deps;
  const known = await store.users.find(id);
  const whose = { userId: id, userName: known && logNameOf(known) };
  try {
    await store.writeAll([
      ...(await everySession(deps, id)),
      store.users.delete(id),
      audit(call, 'Delete a user', whose),
      ...(known === undefined ? [] : [audit(call, 'User successfully deleted', { ...whose, type: 'sdu' })]),
    ]);
  } catch (error) {
    const failure = audit(call, 'The user could not be deleted', { ...whose, type: 'fdu' });
    // Where the database has failed, it may fail here, too; the first failure is the one that counts.
    await store.write(failure).catch(() => undefined);
    throw error;
  }
}
