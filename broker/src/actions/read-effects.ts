import { isJsonObject, type Json } from '../core/json.ts';
import type { Effect } from './apply-effects.ts';

/** The effects in a run's value. undefined: it has another form, as only a broken or captured host can give. */
export function readEffects(value: Json): readonly Effect[] | undefined {
  const effects: unknown = isJsonObject(value) ? value.effects : undefined;
  return Array.isArray(effects) && effects.every(isEffect) ? effects : undefined;
}

const isEffect = (value: unknown): value is Effect =>
  isJsonObject(value) && typeof value.name === 'string' && Array.isArray(value.arguments);
