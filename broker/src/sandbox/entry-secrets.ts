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

/** The entry of an Action with these secrets; any other as it is. */
export const withSecrets = (entry: ScriptEntry, secrets: JsonObject): ScriptEntry =>
  entry.kind === 'action' ? { ...entry, event: { ...entry.event, secrets } } : entry;

/** What stands for secrets whose values are not known, or not to be kept. */
export const placeholdersFor = (names: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(names.map((name) => [name, hidden]));
