import type { JsonObject } from '../core/json.ts';
import { type Identity, renderUserId, type User } from '../core/user.ts';
import { type ShownIdentity, userToWire } from '../wire/management/user-object.ts';
import type { ManagementDeps } from './deps.ts';
import type { Call } from './endpoint.ts';

/** Auth0: whoever holds this scope sees the upstreams' tokens, and that they did is written down. */
export const tokenScope = 'read:user_idp_tokens';

type ShowDeps = Pick<ManagementDeps, 'store' | 'directory' | 'vault' | 'audit'>;

/** Users as the wire shows them, in their order, all identities read at once. The tokens in them only with the scope. */
export async function showUsers(
  deps: ShowDeps,
  call: Pick<Call, 'caller' | 'request'>,
  users: readonly User[],
): Promise<readonly JsonObject[]> {
  const { store, audit } = deps;
  const seesTokens = call.caller.scopes.has(tokenScope);
  const shown = await showIdentities(
    deps,
    users.map(({ id }) => id),
    seesTokens,
  );
  const hasTokens = seesTokens && [...shown.values()].flat().some(({ tokenset }) => tokenset !== undefined);
  if (hasTokens) {
    const [only, ...others] = users;
    const whose = only !== undefined && others.length === 0 ? { userId: only.id } : {};
    await store.write(audit(call, 'Read tokens of identities', { type: 'mgmt_api_read', ...whose }));
  }
  return users.map((user) => userToWire(user, shown.get(user.id) ?? []));
}

export async function showUser(
  deps: ShowDeps,
  call: Pick<Call, 'caller' | 'request'>,
  user: User,
): Promise<JsonObject> {
  const [shown = {}] = await showUsers(deps, call, [user]);
  return shown;
}

/** By user, the identity that gave the user its id first. */
export async function showIdentities(
  { store, directory, vault }: Pick<ShowDeps, 'store' | 'directory' | 'vault'>,
  userIds: readonly User['id'][],
  seesTokens: boolean,
): Promise<ReadonlyMap<string, readonly ShownIdentity[]>> {
  const [identities, tenant] = await Promise.all([store.identities.listByUsers(userIds), directory.read()]);
  const shown = new Map<string, ShownIdentity[]>(userIds.map((id) => [id, []]));
  for (const identity of identities) {
    const connection = tenant.findConnection(identity.connectionId);
    // The connection is being deleted right now, and its identities with it.
    if (connection === undefined) continue;
    const { connectionId, upstreamUserId, profileData, sealedTokenset: sealed } = identity;
    const { strategy, name: connectionName } = connection;
    const isOpened = seesTokens && sealed !== undefined;
    const tokenset = isOpened ? vault.openTokenset(connectionId, upstreamUserId, sealed) : undefined;
    const list = shown.get(identity.userId) ?? [];
    const isPrimary = isPrimaryIdentity(identity, connection);
    const one = { strategy, connectionName, upstreamUserId, profileData, tokenset };
    if (isPrimary) list.unshift(one);
    else list.push(one);
  }
  return shown;
}

export const isPrimaryIdentity = (
  { userId, upstreamUserId }: Identity,
  { strategy, name }: { readonly strategy: string; readonly name: string },
): boolean => userId === renderUserId(strategy, name, upstreamUserId);
