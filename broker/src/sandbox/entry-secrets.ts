import { isJsonObject, type JsonObject } from '../core/json.ts';
import { hidden } from '../core/redact.ts';
import type { ScriptEntry } from './sandbox.ts';

/** `event.secrets` of an Action; other scripts are given none in their arguments. */
export function secretsOf(entry: ScriptEntry): JsonObject {
  const secrets = entry.kind === 'action' ? entry.event['secrets'] : undefined;
  return isJsonObject(secrets) ? secrets : {};
}

/** The entry with these values under the names that it has; a name without a value gets a placeholder. */
export function withSecrets(entry: ScriptEntry, values: Readonly<Record<string, string>>): ScriptEntry {
  if (entry.kind !== 'action') return entry;
  const secrets = valuesFor(Object.keys(secretsOf(entry)), values);
  return { ...entry, event: { ...entry.event, secrets } };
}

/** A value for each name. */
export const valuesFor = (
  names: readonly string[],
  values: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> =>
  Object.fromEntries(names.map((name) => [name, Object.hasOwn(values, name) ? (values[name] ?? hidden) : hidden]));
