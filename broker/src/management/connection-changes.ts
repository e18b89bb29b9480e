import { createHash } from 'node:crypto';
import type { Connection } from '../core/connection.ts';
import { warningsOfChange } from '../core/connection-warnings.ts';
import { ApiError, isConflict } from '../core/errors.ts';
import type { ConnectionId } from '../core/ids.ts';
import { header } from '../http/route.ts';
import { contentOf, firstVersion, nextVersion } from '../tenant/connection-versions.ts';
import type { ManagementDeps } from './deps.ts';
import type { Acting } from './endpoint.ts';

type ChangeDeps = Pick<ManagementDeps, 'store' | 'vault' | 'clock' | 'audit'>;

/** Makes a connection, its first version and the log event, all or nothing. */
export async function createConnection(deps: ChangeDeps, call: Acting, connection: Connection): Promise<void> {
  const { store, vault, audit } = deps;
  try {
    await store.writeAll([
      store.connections.create(vault.sealConnection(connection)),
      firstVersion(deps, connection, call.caller.subject),
      audit(call, 'Create a connection', { connectionId: connection.id }),
    ]);
  } catch (cause) {
    if (!isConflict(cause)) throw cause;
    throw new ApiError(409, 'A connection with the same name already exists', { code: 'connection_conflict', cause });
  }
}

export type Change = {
  readonly id: string | undefined;
  readonly description: string;
  /** The connection as it shall be, from what it is. */
  readonly apply: (known: Connection) => Promise<Connection> | Connection;
};

/**
 * Reads, changes and writes a connection while nobody else does, with a new version and the log event. Throws 404 for
 * an unknown one and 412 where `If-Match` names another state.
 */
export function changeConnection(
  deps: ChangeDeps,
  call: Acting,
  { id, description, apply }: Change,
): Promise<Connection> {
  const { store, vault, audit } = deps;
  return store.exclusively(`connection ${id}`, async () => {
    const known = await getStored(deps, id);
    checkMatch(call, known);
    const changed = await apply(known);
    const warnings = warningsOfChange(known, changed);
    await store.writeAll([
      store.connections.update(vault.sealConnection(changed)),
      ...(await nextVersion(deps, { known, changed, actor: call.caller.subject })),
      audit(call, description, {
        connectionId: changed.id,
        details: warnings.length === 0 ? {} : { warnings },
      }),
    ]);
    return changed;
  });
}

export async function getStored({ store, vault }: ChangeDeps, id: string | undefined): Promise<Connection> {
  const stored = await store.connections.find(id as ConnectionId);
  if (stored !== undefined) return vault.openConnection(stored);
  throw new ApiError(404, 'The connection does not exist', { code: 'inexistent_connection' });
}

/** RFC 9110 §8.8: one tag for one state, whoever may see how much of it. */
export const entityTagOf = (connection: Connection): string =>
  `"${createHash('sha256')
    .update(JSON.stringify(contentOf(connection)))
    .digest('base64url')
    .slice(0, 27)}"`;

function checkMatch({ request }: Acting, known: Connection): void {
  const wanted = header(request, 'if-match');
  if (wanted === undefined || wanted === '*' || wanted.split(',').some((tag) => tag.trim() === entityTagOf(known)))
    return;
  throw new ApiError(412, 'The connection was changed meanwhile', { code: 'precondition_failed' });
}
