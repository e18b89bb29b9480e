import type { Person } from '../../actions/token-exchange.ts';
import type { Connection } from '../../core/connection.ts';
import { isConflict, OAuthError, UpstreamError } from '../../core/errors.ts';
import type { UserId } from '../../core/ids.ts';
import { toProfile } from '../../core/profile.ts';
import type { User } from '../../core/user.ts';
import type { TokenDeps } from './issue-tokens.ts';
import type { Asked } from './read-exchange.ts';

export type ExchangedPerson = { readonly user: User; readonly connection: Connection };

/** The person whom the Action named, found or made. Throws OAuthError if there is nobody, or somebody who is blocked. */
export async function exchangePerson(deps: TokenDeps, asked: Asked, person: Person): Promise<ExchangedPerson> {
  const found = person.kind === 'id' ? await findById(deps, asked, person.userId) : await vouch(deps, asked, person);
  if (found.user.isBlocked) throw new OAuthError('unauthorized', 'user is blocked', { status: 403 });
  return found;
}

async function findById({ store }: TokenDeps, { tenant }: Asked, userId: string): Promise<ExchangedPerson> {
  const user = await store.users.find(userId as UserId);
  const [identity] = user === undefined ? [] : await store.identities.listByUser(user.id);
  const connection = identity && tenant.findConnection(identity.connectionId);
  if (user === undefined || connection === undefined) throw invalid('The user does not exist');
  return { user, connection };
}

async function vouch(
  { users }: TokenDeps,
  { tenant, client, subjectToken }: Asked,
  { connectionName, attributes, creates, updates }: Extract<Person, { kind: 'connection' }>,
): Promise<ExchangedPerson> {
  const connection = tenant.findConnectionByName(connectionName);
  if (connection === undefined) throw invalid('the connection was not found');
  if (!connection.enabledClients.has(client.id)) throw invalid('the connection was disabled');
  try {
    const { profile } = toProfile(attributes, { connection, tokens: [subjectToken] });
    const user = await users.vouchFor(connection, profile, { creates, updates });
    if (user !== undefined) return { user, connection };
  } catch (error) {
    if (error instanceof UpstreamError) throw invalid(error.message);
    if (!isConflict(error)) throw error;
    // The rendered id belongs to another identity: two people never become one.
    throw invalid('This identity cannot be told from another one');
  }
  throw invalid('The user does not exist');
}

const invalid = (message: string): OAuthError => new OAuthError('invalid_request', message);
