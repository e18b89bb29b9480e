import type { Connection } from '../../core/connection.ts';
import { ApiError } from '../../core/errors.ts';
import type { UpstreamUserId, UserId } from '../../core/ids.ts';
import type { JsonObject } from '../../core/json.ts';
import { type Identity, renderUserId } from '../../core/user.ts';
import type { Snapshot } from '../../tenant/directory.ts';
import type { ImportedUser } from '../../wire/management/import-user.ts';

/* Who a row of an import is. */

type ImportedIdentity = Omit<Identity, 'userId'>;

export type Who = {
  readonly id: UserId;
  /** That of the import's connection first. */
  readonly identities: readonly [ImportedIdentity, ...ImportedIdentity[]];
};

/**
 * `user_id` names the identity that gave the user its id. Where that is another one of the row's identities, the id stays
 * what it is, even if its connection has a strategy that nobody signs in with here. Identities of such are left out.
 */
export function whoOf(given: ImportedUser, connection: Connection, tenant: Snapshot): Who {
  const { user_id: written, identities = [] } = given;
  const served = identities.filter(({ provider }) => provider === connection.strategy);
  const listed = served.find((identity) => identity.connection === connection.name);
  const isAnother = (identity: Listed) => identity !== listed && written === idOf(identity, connection);
  const kept = identities.some(isAnother) ? written : undefined;
  if (kept !== undefined) checkUsable(kept);
  const own = readOwn(kept === undefined ? written : undefined, listed, connection);
  const id = kept ?? renderUserId(connection.strategy, connection.name, own);
  const others = served.flatMap((identity) => {
    const of = tenant.findConnectionByName(identity.connection);
    if (of === undefined) throw invalid(`there is no connection ${identity.connection}`);
    const upstreamUserId = withoutName(String(identity.user_id), of);
    if (of.id === connection.id && upstreamUserId === own) return [];
    return [toIdentity(of, upstreamUserId, isFirst(id, of, upstreamUserId) ? undefined : (identity.profileData ?? {}))];
  });
  return {
    id: id as UserId,
    identities: [toIdentity(connection, own, kept !== undefined ? (listed?.profileData ?? {}) : undefined), ...others],
  };
}

/** The id that a user has of this identity. Of one that is served it follows from the connection, whatever the row says. */
const idOf = ({ provider, connection: name, user_id: id }: Listed, { strategy }: Connection): string =>
  provider === strategy ? renderUserId(strategy, name, withoutName(String(id), { name })) : `${provider}|${id}`;

type Listed = NonNullable<ImportedUser['identities']>[number];

/** `oauth2|<connection>|<id>`, `<connection>|<id>` or the id alone; else what the row's identity says. */
function readOwn(
  written: string | undefined,
  listed: Listed | undefined,
  { strategy, name }: Connection,
): UpstreamUserId {
  if (written === undefined) {
    if (listed === undefined) throw invalid('the user has no identity of this connection');
    return withoutName(String(listed.user_id), { name });
  }
  const full = `${strategy}|${name}|`;
  if (written.startsWith(full)) return checkUsable(written.slice(full.length));
  if (written.startsWith(`${name}|`)) return checkUsable(written.slice(name.length + 1));
  // An id alone could be one of another connection, or of another strategy.
  if (written.includes('|')) throw invalid('user_id is one of another connection, which identities does not list');
  return checkUsable(written);
}

/** Auth0: an identity's id has the connection's name in front. */
const withoutName = (id: string, { name }: Pick<Connection, 'name'>): UpstreamUserId =>
  checkUsable(id.startsWith(`${name}|`) ? id.slice(name.length + 1) : id);

/** What no database or address could hold is nobody's id. */
function checkUsable(id: string): UpstreamUserId {
  if (id === '' || !id.isWellFormed() || id.includes('\0')) throw invalid('user_id is not usable');
  return id as UpstreamUserId;
}

const isFirst = (id: string, { strategy, name }: Connection, upstreamUserId: UpstreamUserId): boolean =>
  id === renderUserId(strategy, name, upstreamUserId);

const toIdentity = (
  { id }: Connection,
  upstreamUserId: UpstreamUserId,
  profileData: Readonly<Record<string, unknown>> | undefined,
): ImportedIdentity => ({
  connectionId: id,
  upstreamUserId,
  sealedTokenset: undefined,
  profileData: profileData as JsonObject | undefined,
});

const invalid = (message: string) => new ApiError(400, message);
