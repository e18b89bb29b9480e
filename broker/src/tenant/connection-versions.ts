import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../core/clock.ts';
import type { Connection, ConnectionContent, ConnectionVersion } from '../core/connection.ts';
import type { ClientId } from '../core/ids.ts';
import { isJsonObject, type Json, type JsonObject } from '../core/json.ts';
import type { Store, Write } from '../store/store.ts';
import type { Vault } from '../vault/vault.ts';

/** Of each connection; a change a day is kept for half a year. */
const keptVersions = 200;

type VersionDeps = { readonly store: Pick<Store, 'connectionVersions'>; readonly vault: Vault; readonly clock: Clock };

/** The version that a connection begins with. `actor`: who made it. */
export const firstVersion = (deps: VersionDeps, connection: Connection, actor: string): Write<void> =>
  versionOf(deps, connection, { number: 1, actor });

/**
 * The next version, or none if nothing changed: tools that keep a tenant in a repository write everything each time. A
 * connection that came in with the seed, or from before there was a history, gets its past written down first.
 */
export async function nextVersion(
  deps: VersionDeps,
  { known, changed, actor }: { readonly known: Connection; readonly changed: Connection; readonly actor: string },
): Promise<readonly Write<void>[]> {
  if (isDeepStrictEqual(contentOf(known), contentOf(changed))) return [];
  const [newest] = await deps.store.connectionVersions.list(known.id, 1);
  const past = newest === undefined ? [versionOf(deps, known, { number: 1, actor: 'portico' })] : [];
  return [...past, versionOf(deps, changed, { number: (newest?.number ?? 1) + 1, actor })];
}

function versionOf(
  { store, vault, clock }: VersionDeps,
  connection: Connection,
  { number, actor }: Pick<ConnectionVersion, 'number' | 'actor'>,
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

/** The connection as it was in a version. An application that is gone stays gone. */
export const restored = (
  known: Connection,
  content: ConnectionContent,
  given: { readonly isClient: (id: ClientId) => boolean; readonly now: Date },
): Connection => ({
  ...known,
  ...content,
  enabledClients: new Set(content.enabledClients.filter(given.isClient)),
  updatedAt: given.now,
});

/** A version for people: who, when, and what was different from the one before it. */
export const describeVersion = (
  { number, at, actor, content }: ConnectionVersion,
  before: ConnectionVersion | undefined,
) => ({ number, at: at.toISOString(), actor, changes: changesOf(before?.content, content) });

/** By dotted path. Values that may be secrets are told as changed, and not shown. */
function changesOf(before: ConnectionContent | undefined, after: ConnectionContent): JsonObject {
  const changes: Record<string, Json> = {};
  const old = flatten((before ?? {}) as JsonObject);
  const now = flatten(after as ConnectionContent & JsonObject);
  for (const path of [...new Set([...old.keys(), ...now.keys()])].sort()) {
    const [from, to] = [old.get(path), now.get(path)];
    if (isDeepStrictEqual(from, to)) continue;
    changes[path] = isSecret(path)
      ? { changed: true }
      : { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
  }
  return changes;
}

const isSecret = (path: string): boolean => /secret|password|token(?!URL)|key|customHeaders|authorization$/i.test(path);

function flatten(value: JsonObject, prefix = ''): Map<string, Json> {
  return new Map(
    Object.entries(value).flatMap(([name, member]): [string, Json][] => {
      const path = `${prefix}${name}`;
      return isJsonObject(member) && Object.keys(member).length > 0
        ? [...flatten(member, `${path}.`)]
        : [[path, member]];
    }),
  );
}
