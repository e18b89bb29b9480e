import { UpstreamError } from './errors.ts';
import { isJsonObject, type Json, type JsonObject } from './json.ts';
import { isDangerousKey, removeTokens } from './profile-tokens.ts';
import { toUpstreamUserId } from './profile-user-id.ts';
import type { Profile } from './user.ts';

/** Keys of a user that only we set: a profile that brings them is trying to be more than a profile. */
export const reservedProfileKeys: ReadonlySet<string> = new Set([
  'user_id',
  'sub',
  'identities',
  'provider',
  'connection',
  'connection_id',
  'isSocial',
  'profileData',
  'blocked',
  'blocked_for',
  'created_at',
  'updated_at',
  'last_ip',
  'last_login',
  'last_password_reset',
  'logins_count',
  'tenant',
  'clientID',
  'global_client_id',
  'multifactor',
  'multifactor_last_modified',
  'guardian_authenticators',
]);

const maxBytes = 64 * 1024;
const maxDepth = 64;

export type ProfileOptions = {
  readonly connection: { readonly name: string };
  /** What the upstream handed out in this sign-in: none of it may stay in a profile. */
  readonly tokens?: readonly string[];
  readonly keepsTokensInAppMetadata?: boolean;
};

/** What a script or a mapping gave, in our normal form. Throws UpstreamError('profile'). */
export function toProfile(
  value: Json | undefined,
  { connection, tokens = [], keepsTokensInAppMetadata = false }: ProfileOptions,
): { readonly profile: Profile; readonly removedTokenPaths: readonly string[] } {
  if (!isJsonObject(value)) {
    throw new UpstreamError(
      'profile',
      'not_an_object',
      `The profile of connection ${connection.name} is not an object`,
    );
  }
  const upstreamUserId = toUpstreamUserId(value, tokens);
  const clean = cleanObject(value, 1);
  const userMetadata = metadataOf(clean.user_metadata);
  const appMetadata = metadataOf(clean.app_metadata);
  const found: string[] = [];
  const attributes = removeTokens(toAttributes(clean), { tokens, path: '', found });
  const profile: Profile = {
    upstreamUserId,
    attributes,
    userMetadata: userMetadata && removeTokens(userMetadata, { tokens, path: 'user_metadata.', found }),
    appMetadata:
      appMetadata && keepsTokensInAppMetadata
        ? appMetadata
        : appMetadata && removeTokens(appMetadata, { tokens, path: 'app_metadata.', found }),
  };
  if (Buffer.byteLength(JSON.stringify(profile)) > maxBytes) {
    throw new UpstreamError('profile', 'too_large', `The profile is larger than ${maxBytes / 1024} KiB`);
  }
  return { profile, removedTokenPaths: found };
}

function toAttributes(clean: JsonObject): JsonObject {
  const attributes: Record<string, Json> = {};
  for (const [key, value] of Object.entries(clean)) {
    const isOwn = reservedProfileKeys.has(key) || key === 'user_metadata' || key === 'app_metadata';
    // OpenID Connect Core §5.3.2: a claim without a value is left out, not null.
    if (!isOwn && value !== null) attributes[key] = value;
  }
  if ('email' in attributes && typeof attributes.email !== 'string') delete attributes.email;
  // "true", 1 and "yes" prove nothing: other accounts are trusted by this.
  if ('email' in attributes || 'email_verified' in attributes)
    attributes.email_verified = clean.email_verified === true;
  return attributes;
}

function metadataOf(value: Json | undefined): JsonObject | undefined {
  return isJsonObject(value) ? value : undefined;
}

function cleanObject(value: JsonObject, depth: number): JsonObject {
  if (depth > maxDepth)
    throw new UpstreamError('profile', 'too_deep', `The profile is nested deeper than ${maxDepth} levels`);
  const clean: Record<string, Json> = {};
  for (const [key, member] of Object.entries(value)) {
    if (isDangerousKey(key) || member === undefined) continue;
    clean[key] = cleanValue(member, depth + 1);
  }
  return clean;
}

function cleanValue(value: Json, depth: number): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (isJsonObject(value)) return cleanObject(value, depth);
  if (depth > maxDepth)
    throw new UpstreamError('profile', 'too_deep', `The profile is nested deeper than ${maxDepth} levels`);
  return (value as readonly Json[]).map((member) => cleanValue(member, depth + 1));
}
