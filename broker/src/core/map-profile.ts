import { isJsonObject, type Json, type JsonObject } from './json.ts';
import { isDangerousKey } from './profile-tokens.ts';

/**
 * Reads each profile key from where the mapping says, such as `{ picture: 'avatar.url', email: 'emails.0.value' }`. What is
 * not mapped is not copied, and what is not there is absent. A target may be a member of the metadata: `app_metadata.plan`.
 */
export function mapProfile(body: Json, mapping: Readonly<Record<string, unknown>>): JsonObject {
  const profile: Record<string, Json> = {};
  for (const [target, path] of Object.entries(mapping)) {
    const value = typeof path === 'string' && path !== '' ? readPath(body, path) : undefined;
    if (value !== undefined) put(profile, target, value);
  }
  return profile;
}

/** Auth0's `fieldsMap`: the upstream's field goes under our attribute's name, in place of what was there. */
export function renameFields(profile: Json, fieldsMap: unknown): Json {
  if (!isJsonObject(profile) || !isJsonObject(fieldsMap)) return profile;
  const renamed: Record<string, Json> = { ...profile };
  for (const [field, attribute] of Object.entries(fieldsMap)) {
    const value = readPath(profile, field);
    if (value === undefined || typeof attribute !== 'string' || attribute === '') continue;
    if (field !== attribute) delete renamed[field];
    put(renamed, attribute, value);
  }
  return renamed;
}

/** Own members only. A key that contains the dots itself, such as a URL, goes before a path. */
function readPath(body: Json, path: string): Json | undefined {
  if (isJsonObject(body) && Object.hasOwn(body, path)) return body[path];
  let value: Json | undefined = body;
  for (const step of path.split('.')) {
    if (isJsonObject(value)) value = Object.hasOwn(value, step) ? value[step] : undefined;
    else if (Array.isArray(value))
      value = /^\d{1,6}$/.test(step) ? (value as readonly Json[])[Number(step)] : undefined;
    else return undefined;
  }
  return value;
}

function put(profile: Record<string, Json>, target: string, value: Json): void {
  const [, metadata, key] = /^(user_metadata|app_metadata)\.(.+)$/.exec(target) ?? [];
  if (isDangerousKey(key ?? target)) return;
  if (metadata === undefined || key === undefined) {
    profile[target] = value;
    return;
  }
  const present = profile[metadata];
  profile[metadata] = { ...(isJsonObject(present) ? present : {}), [key]: value };
}
