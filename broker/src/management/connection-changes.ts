import { createHash } from 'node:crypto';
import type { Connection, ConnectionContent } from '../core/connection.ts';
import { ApiError } from '../core/errors.ts';
import type { ConnectionId } from '../core/ids.ts';
import { header } from '../http/route.ts';
import type { Write } from '../store/store.ts';
import type { ManagementDeps } from './deps.ts';
import type { Acting } from './endpoint.ts';

/** Of each connection; a change a day is kept for half a year. */
const keptVersions = 200;

type ChangeDeps = Pick<ManagementDeps, 'store' | 'vault' | 'clock' | 'audit'>;

/** Makes a connection, its first version and the log event, all or nothing. */
export async function createConnection(deps: ChangeDeps, call: Acting, connection: Connection): Promise<void> {
  const { store, vault, audit } = deps;
  try {
    await store.writeAll([
      store.connections.create(vault.sealConnection(connection)),
      versionOf(deps, call, connection, 1),
      audit(call, 'Create a connection', { connectionId: connection.id }),
    ]);
  } catch (cause) {
    if ((cause as { code?: unknown }).code !== 'conflict') throw cause;
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
    const lostSecret = known.options.client_secret !== undefined && changed.options.client_secret === undefined;
    await store.writeAll([
      store.connections.update(vault.sealConnection(changed)),
      ...(await versionWrites(deps, call, known, changed)),
      audit(call, description, {
        connectionId: changed.id,
        details: lostSecret ? { warning: 'options were replaced without client_secret: the secret is gone' } : {},
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

/** A connection that came in with the seed, or from before there was a history, gets its past written down first. */
async function versionWrites(deps: ChangeDeps, call: Acting, known: Connection, changed: Connection) {
  const [newest] = await deps.store.connectionVersions.list(known.id, 1);
  const past: Write<void>[] = newest === undefined ? [versionOf(deps, call, known, 1, 'portico')] : [];
  return [...past, versionOf(deps, call, changed, (newest?.number ?? 1) + 1)];
}

function versionOf(
  { store, vault, clock }: ChangeDeps,
  call: Acting,
  connection: Connection,
  number: number,
  actor = call.caller.subject,
): Write<void> {
  const version = { connectionId: connection.id, number, at: clock.now(), actor, content: contentOf(connection) };
  return store.connectionVersions.create(vault.sealConnectionVersion(version), keptVersions);
}

export const contentOf = (connection: Connection): ConnectionContent => ({
  displayName: connection.displayName,
  options: connection.options,
  metadata: connection.metadata,
  isForSignIn: connection.isForSignIn,
  extra: connection.extra,
  enabledClients: [...connection.enabledClients],
});

/** RFC 9110 §8.8: one tag for one state, whoever may see how much of it. */
export const entityTagOf = (connection: Connection): string =>
  `"${createHash('sha256')
    .update(JSON.stringify(contentOf(connection)))
    .digest('base64url')
    .slice(0, 27)}"`;

function checkMatch({ request }: Acting, known: Connection): void {
  const wanted = header(request, 'if-match');
  if (wanted === undefined || wanted === '*' || wanted.split(/\s*,\s*/).includes(entityTagOf(known))) return;
  throw new ApiError(412, 'The connection was changed meanwhile', { code: 'precondition_failed' });
}
