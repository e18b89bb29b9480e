import { isJsonObject, type Json, type JsonObject } from '../core/json.ts';
import { hidden } from '../core/redact.ts';
import type { ScriptEntry } from './sandbox.ts';

/** Texts on the `global` of a Rule, at any depth. */
export const textsOfGlobal = (entry: ScriptEntry): readonly string[] =>
  entry.kind === 'rule' ? listTextsIn(entry.global ?? {}) : [];

/** A Rule's value without the values that it left on `global`. */
export function withoutGlobal(value: Json): Json {
  const effects = isJsonObject(value) ? value['effects'] : undefined;
  if (!isJsonObject(value) || !Array.isArray(effects)) return value;
  return { ...value, effects: effects.map((effect) => (isSetOnGlobal(effect) ? hideValue(effect) : effect)) };
}

const isSetOnGlobal = (effect: unknown): effect is JsonObject =>
  isJsonObject(effect) && effect['name'] === 'global.set' && Array.isArray(effect['arguments']);

const hideValue = (effect: JsonObject): JsonObject => {
  const [name = null] = effect['arguments'] as readonly Json[];
  return { ...effect, arguments: [name, hidden] };
};

function listTextsIn(value: Json): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(listTextsIn);
}

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
