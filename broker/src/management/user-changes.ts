import { ApiError } from '../core/errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../core/json.ts';
import type { User } from '../core/user.ts';
import type { Snapshot } from '../tenant/directory.ts';
import { databaseOnly, synchronised, type UserChanges } from '../wire/management/user-object.ts';
import { type Caller, insufficientScope } from './caller.ts';

/* What an administrator may make of a user (contract: management API §4.3), decided without reading or writing anything. */

/** For one's own user_metadata; Auth0 has two names for it. */
export const ownMetadata = ['update:current_user_metadata', 'create:current_user_metadata'] as const;

/** Three scopes, each for less than the one before. */
export function checkMayChange({ scopes }: Caller, changes: UserChanges): void {
  if (scopes.has('update:users')) return;
  const names = Object.keys(changes);
  const own = [
    ...(scopes.has('update:users_app_metadata') ? ['app_metadata'] : []),
    ...(ownMetadata.some((scope) => scopes.has(scope)) ? ['user_metadata'] : []),
  ];
  if (names.some((name) => !own.includes(name))) throw insufficientScope(['update:users']);
}

/** Throws ApiError 400 in Auth0's words. `connections` are those of the user's identities, the first one first. */
export function checkChanges(changes: UserChanges, connections: readonly Snapshot['connections'][number][]): void {
  const fixed = databaseOnly.find((name) => changes[name] !== undefined);
  if (fixed !== undefined) throw refused(`Cannot update ${fixed} for non-database user.`);
  if (changes.verify_email === true || changes.verify_phone_number === true || changes.verify_password === true) {
    throw refused('Nothing can be verified for a non-database user.');
  }
  const [first] = connections;
  const named = changes.connection === undefined || connections.some(({ name }) => name === changes.connection);
  if (!named) throw new ApiError(400, 'The connection does not exist.', { code: 'inexistent_connection' });
  const overwritten = synchronised.filter((name) => changes[name] !== undefined);
  const isSynchronised = (first?.options.set_user_root_attributes ?? 'on_each_login') === 'on_each_login';
  if (overwritten.length > 0 && isSynchronised) {
    throw refused(
      `The following user attributes cannot be updated: ${overwritten.join(', ')}. The connection must either be a ` +
        'database connection (using the Auth0 store), a passwordless connection (email or sms) or has disabled ' +
        "'Sync user profile attributes at each login'.",
    );
  }
  checkMetadata('user_metadata', changes.user_metadata, new Set());
  checkMetadata('app_metadata', changes.app_metadata, forbiddenNames);
}

const refused = (message: string) => new ApiError(400, message, { code: 'operation_not_supported' });

/** Auth0: metadata cannot take the place of what has a meaning of its own. */
const forbiddenNames: ReadonlySet<string> = new Set([
  '__tenant',
  '_id',
  'blocked',
  'clientID',
  'created_at',
  'email_verified',
  'email',
  'globalClientID',
  'global_client_id',
  'identities',
  'lastIP',
  'lastLogin',
  'loginsCount',
  'metadata',
  'multifactor_last_modified',
  'multifactor',
  'updated_at',
  'user_id',
]);

export function checkMetadata(kind: string, given: unknown, forbidden: ReadonlySet<string> = forbiddenNames): void {
  if (given === undefined) return;
  for (const name of Object.keys(Object(given))) {
    if (forbidden.has(name)) throw badMetadata(`${kind} must not contain the property ${name}`);
  }
  checkNames(kind, given as Json);
}

function checkNames(kind: string, value: Json): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    if (!Array.isArray(value) && /[.$]/.test(name)) {
      throw badMetadata(`${kind} must not contain property names with '.' or '$': ${name.slice(0, 100)}`);
    }
    checkNames(kind, inner);
  }
}

const badMetadata = (problem: string) =>
  new ApiError(400, `Payload validation error: '${problem}'.`, { code: 'invalid_body' });

/** The user as it shall be. null takes an attribute away. */
export function changedUser(user: User, changes: UserChanges, now: Date): User {
  const attributes: Record<string, Json> = { ...user.attributes };
  for (const name of changeable) {
    const { [name]: value } = changes;
    if (value === null) delete attributes[name];
    else if (value !== undefined) attributes[name] = value;
  }
  return {
    ...user,
    attributes,
    userMetadata: mergeMetadata(user.userMetadata, changes.user_metadata),
    appMetadata: mergeMetadata(user.appMetadata, changes.app_metadata),
    isBlocked: changes.blocked ?? user.isBlocked,
    updatedAt: now,
  };
}

const changeable = [...synchronised, 'email_verified'] as const;

/** Auth0: merged on the first level, null takes a key away, and an empty object takes everything. */
export function mergeMetadata(known: JsonObject, given: unknown): JsonObject {
  if (!isJsonObject(given)) return known;
  const entries = Object.entries(given);
  if (entries.length === 0) return {};
  const merged = new Map([...Object.entries(known), ...entries]);
  return Object.fromEntries([...merged].filter(([, value]) => value !== null));
}
