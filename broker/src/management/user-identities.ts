import type { Static } from '@sinclair/typebox';
import { toEpochSeconds } from '../core/clock.ts';
import { ApiError } from '../core/errors.ts';
import type { UserId } from '../core/ids.ts';
import type { JsonObject } from '../core/json.ts';
import { type Identity, renderUserId, type User } from '../core/user.ts';
import { verifyOwnJwt } from '../issuer/jwt.ts';
import { identityList } from '../wire/management/answers/user.ts';
import { identityToWire, linkWire } from '../wire/management/user-object.ts';
import { checkScopes } from './caller.ts';
import type { ManagementDeps } from './deps.ts';
import { everySession, everySessionOf, sessionEnds } from './end-access.ts';
import { anyOf, type Call, type Endpoint, endpoint } from './endpoint.ts';
import { checkSubject, getUser } from './get-user.ts';
import { isPrimaryIdentity, showIdentities } from './show-users.ts';

const scopes = anyOf('update:users', 'update:current_user_identities');

/** `/users/:id/identities` (contract: management API §4.4): one person with several ways in. */
export function userIdentityEndpoints(deps: ManagementDeps): readonly Endpoint[] {
  return [
    endpoint({
      method: 'POST',
      path: '/users/:id/identities',
      summary: 'Link another user to this one, whose identities it keeps',
      scopes,
      body: linkWire,
      result: identityList,
      answers: [201, 400, 404, 409],
      async handle(call) {
        checkSubject(call, ['update:users']);
        const identities = await deps.store.exclusively('linking users', () => link(deps, call));
        return { status: 201, body: identities };
      },
    }),
    endpoint({
      method: 'DELETE',
      path: '/users/:id/identities/:provider/:user_id',
      summary: 'Take a linked identity away; it becomes a user of its own again, without metadata',
      scopes,
      result: identityList,
      answers: [200, 400, 404],
      async handle(call) {
        checkSubject(call, ['update:users']);
        const identities = await deps.store.exclusively('linking users', () => unlink(deps, call));
        return { status: 200, body: identities };
      },
    }),
  ];
}

type LinkBody = Static<typeof linkWire>;

/** The other user's identities move over with its profile beside them; its metadata, sessions and tokens go. */
async function link(deps: ManagementDeps, call: Call<unknown, LinkBody>): Promise<readonly JsonObject[]> {
  const { store, audit } = deps;
  const primary = await getUser(deps, call.path.id);
  const { link_with: token } = call.body;
  const secondaryId = token === undefined ? await named(deps, call, call.body) : await proven(deps, call, token);
  if (secondaryId === primary.id) throw refused('Main identity and the new one are the same.');
  const secondary = await store.users.find(secondaryId as UserId);
  if (secondary === undefined) {
    const own = await findLinked(deps, primary, secondaryId);
    if (own !== undefined) throw new ApiError(409, 'Specified identity already exists.', { code: 'identity_conflict' });
    throw refused('Linking to an inexistent identity is not allowed.');
  }
  const moving = await store.identities.listByUser(secondary.id);
  await store.writeAll([
    ...(await everySession(deps, secondary.id)),
    store.identities.move(secondary.id, primary.id),
    ...moving
      .filter(({ profileData }) => profileData === undefined)
      .map((identity) =>
        store.identities.putProfileData(identity.connectionId, identity.upstreamUserId, secondary.attributes),
      ),
    store.users.delete(secondary.id),
    audit(call, 'Link a user', { userId: primary.id, details: { linked: secondary.id } }),
  ]);
  deps.tellApplications();
  const [first, ...linked] = await shownIdentities(deps, primary);
  // Auth0: in this answer, the first identity has its profile beside it, too.
  return first === undefined ? linked : [{ ...first, profileData: primary.attributes }, ...linked];
}

/** Only who administers users may take an account over by its id. Auth0: with the provider in front or without. */
async function named(
  { directory }: ManagementDeps,
  { caller }: Pick<Call, 'caller'>,
  { provider, user_id: id, connection_id: connectionId }: LinkBody,
): Promise<string> {
  checkScopes(caller, anyOf('update:users'));
  if (provider === undefined || id === undefined) {
    throw new ApiError(400, "Payload validation error: 'Missing required property: link_with'.", {
      code: 'invalid_body',
    });
  }
  const text = String(id);
  if (text.startsWith(`${provider}|`)) return text;
  if (connectionId === undefined) return `${provider}|${text}`;
  const connection = (await directory.read()).connections.find((one) => one.id === connectionId);
  if (connection === undefined) {
    throw new ApiError(400, 'The connection does not exist.', { code: 'inexistent_connection' });
  }
  return `${provider}|${text.startsWith(`${connection.name}|`) ? text : `${connection.name}|${text}`}`;
}

/** The owner of the other account agrees with an ID token of ours, given to the same application. */
async function proven({ keys, issuerUrl, clock }: ManagementDeps, { caller }: Pick<Call, 'caller'>, token: string) {
  const claims = verifyOwnJwt(await keys.read(), token);
  const audiences = claims === undefined ? [] : [claims.aud].flat();
  const isGood =
    claims !== undefined &&
    claims.iss === issuerUrl &&
    typeof claims.sub === 'string' &&
    // Neither an access token nor a logout token says that its person is there.
    claims.scope === undefined &&
    claims.events === undefined &&
    audiences.length === 1 &&
    audiences[0] === caller.clientId &&
    typeof claims.exp === 'number' &&
    claims.exp > toEpochSeconds(clock.now());
  if (!isGood) throw refused('The link_with token is not a valid ID token of this application.');
  return String(claims.sub);
}

async function unlink(
  deps: ManagementDeps,
  call: Pick<Call, 'caller' | 'path' | 'request'>,
): Promise<readonly JsonObject[]> {
  const { store, directory, clock, audit } = deps;
  const user = await getUser(deps, call.path.id);
  const { provider = '', user_id: id = '' } = call.path;
  if (`${provider}|${id}` === user.id) throw refused('Main identity cannot be removed.');
  const identity = await findLinked(deps, user, `${provider}|${id}`);
  if (identity === undefined) throw refused('Linked identity does not exist.');
  // Who came from Auth0 may have the id of an identity that is not here; the last one that is has to stay.
  if ((await store.identities.listByUser(user.id)).length === 1) throw refused('Main identity cannot be removed.');
  const connection = (await directory.read()).findConnection(identity.connectionId);
  if (connection === undefined) throw refused('Linked identity does not exist.');
  const now = clock.now();
  const restored: User = {
    id: renderUserId(connection.strategy, connection.name, identity.upstreamUserId),
    attributes: identity.profileData ?? {},
    userMetadata: {},
    appMetadata: {},
    isBlocked: user.isBlocked,
    loginsCount: 0,
    lastLoginAt: undefined,
    createdAt: now,
    updatedAt: now,
  };
  const { sealedTokenset } = identity;
  const sessions = (await everySessionOf(deps, user.id)).filter(
    ({ connectionId }) => connectionId === identity.connectionId,
  );
  await store.writeAll([
    store.identities.delete(identity),
    store.users.create(restored),
    store.identities.create({ ...identity, userId: restored.id, sealedTokenset, profileData: undefined }),
    ...sessionEnds(deps, sessions),
    audit(call, 'Unlink an identity', { userId: user.id, details: { unlinked: restored.id } }),
  ]);
  deps.tellApplications();
  return shownIdentities(deps, user);
}

/** An identity of this user other than the first, by the id that it had or would have as a user. */
async function findLinked(
  { store, directory }: ManagementDeps,
  { id }: User,
  wanted: string,
): Promise<Identity | undefined> {
  const [identities, tenant] = await Promise.all([store.identities.listByUser(id), directory.read()]);
  return identities.find((identity) => {
    const connection = tenant.findConnection(identity.connectionId);
    if (connection === undefined || isPrimaryIdentity(identity, connection)) return false;
    return renderUserId(connection.strategy, connection.name, identity.upstreamUserId) === wanted;
  });
}

async function shownIdentities(deps: ManagementDeps, { id }: User): Promise<readonly JsonObject[]> {
  const shown = await showIdentities(deps, [id], false);
  return (shown.get(id) ?? []).map(identityToWire);
}

const refused = (message: string) => new ApiError(400, message, { code: 'invalid_body' });
