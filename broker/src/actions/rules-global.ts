import { createHash } from 'node:crypto';
import type { TenantScripts } from '../core/action.ts';
import type { JsonObject } from '../core/json.ts';
import { isDangerousKey } from '../core/profile-tokens.ts';
import type { Effect } from './apply-effects.ts';

/*
 * What Rules leave on `global` for later sign-ins, such as the token of an API or a key set. It belongs to the Rules as
 * they are, all together with their configuration: when one of them changes, it starts empty. It is this broker's, and
 * lives as long as its process.
 */

const maxNames = 100;
const maxBytes = 65_536;
/** Sets that are kept; the one that was written longest ago goes first. */
const maxSets = 5;

export type RulesGlobal = {
  read(scripts: TenantScripts): JsonObject;
  /** Applies `global.set` and `global.delete`; answers how many did not fit. */
  write(scripts: TenantScripts, effects: readonly Effect[]): number;
};

export function createRulesGlobal(): RulesGlobal {
  const sets = new Map<string, ReadonlyMap<string, string>>();
  const keys = new WeakMap<TenantScripts, string>();

  function keyOf(scripts: TenantScripts): string {
    const key = keys.get(scripts) ?? hashOf(scripts);
    keys.set(scripts, key);
    return key;
  }

  return {
    read(scripts) {
      const kept = [...(sets.get(keyOf(scripts)) ?? [])];
      return Object.fromEntries(kept.map(([name, value]) => [name, JSON.parse(value)]));
    },
    write(scripts, effects) {
      if (effects.length === 0) return 0;
      const key = keyOf(scripts);
      const values = new Map(sets.get(key));
      const refused = effects.filter((effect) => !apply(values, effect)).length;
      sets.delete(key);
      sets.set(key, values);
      const [oldest] = sets.keys();
      if (sets.size > maxSets && oldest !== undefined) sets.delete(oldest);
      return refused;
    },
  };
}

/** false: it did not fit, and what was there under the name is gone. */
function apply(values: Map<string, string>, { name: change, arguments: [name, value] }: Effect): boolean {
  if (typeof name !== 'string' || isDangerousKey(name)) return false;
  values.delete(name);
  if (change === 'global.delete') return true;
  const text = JSON.stringify(value ?? null);
  const used = [...values].reduce((sum, entry) => sum + bytesOf(entry), 0);
  if (values.size >= maxNames || used + bytesOf([name, text]) > maxBytes) return false;
  values.set(name, text);
  return true;
}

const bytesOf = ([name, text]: readonly [string, string]): number => Buffer.byteLength(name) + Buffer.byteLength(text);

const hashOf = ({ rules, rulesConfiguration }: TenantScripts): string =>
  createHash('sha256')
    .update(JSON.stringify([rules.map(({ name, source }) => [name, source]), rulesConfiguration]))
    .digest('base64url');
