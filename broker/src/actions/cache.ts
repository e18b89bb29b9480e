import type { ActionId } from '../core/ids.ts';
import { isJsonObject, type JsonObject } from '../core/json.ts';
import type { Effect } from './apply-effects.ts';

/* Auth0's limits. The cache is an Action's own, and this broker's: another broker has another one. */
const maxEntries = 20;
const maxKeyBytes = 64;
const maxValueBytes = 4_096;
const maxBytes = 8_192;
const defaultTtlMs = 900_000;
const maxTtlMs = 86_400_000;
/** Actions whose caches are kept; the ones that were written longest ago go first. */
const maxActions = 1_000;

type Entry = { readonly value: string; readonly expiresAt: number };

export type ActionCache = {
  /** What is alive, as `api.cache.get` answers it: value and end in epoch milliseconds. */
  read(id: ActionId, now: Date): JsonObject;
  /** Applies `cache.set` and `cache.delete`; answers what was refused, since a limit was reached. */
  write(id: ActionId, effects: readonly Effect[], now: Date): readonly string[];
};

export function createActionCache(): ActionCache {
  const caches = new Map<ActionId, Map<string, Entry>>();
  const alive = (id: ActionId, now: Date): Map<string, Entry> =>
    new Map([...(caches.get(id) ?? [])].filter(([, { expiresAt }]) => expiresAt > now.getTime()));
  return {
    read: (id, now) =>
      Object.fromEntries(
        [...alive(id, now)].map(([key, { value, expiresAt }]) => [key, { value, expires_at: expiresAt }]),
      ),
    write(id, effects, now) {
      if (effects.length === 0) return [];
      const entries = alive(id, now);
      const refused = effects.filter((effect) => !writeOne(entries, effect, now)).map(({ name }) => name);
      caches.delete(id);
      caches.set(id, entries);
      const [oldest] = caches.keys();
      if (caches.size > maxActions && oldest !== undefined) caches.delete(oldest);
      return refused;
    },
  };
}

/** false: it did not fit. */
function writeOne(entries: Map<string, Entry>, { name, arguments: [key, value, options] }: Effect, now: Date): boolean {
  if (typeof key !== 'string') return false;
  if (name === 'cache.delete') {
    entries.delete(key);
    return true;
  }
  if (typeof value !== 'string') return false;
  const others = [...entries].filter(([other]) => other !== key);
  const used = others.reduce(
    (sum, [other, entry]) => sum + Buffer.byteLength(other) + Buffer.byteLength(entry.value),
    0,
  );
  const [keyBytes, valueBytes] = [Buffer.byteLength(key), Buffer.byteLength(value)];
  if (keyBytes > maxKeyBytes || valueBytes > maxValueBytes || others.length >= maxEntries) return false;
  if (used + keyBytes + valueBytes > maxBytes) return false;
  entries.set(key, { value, expiresAt: expiryOf(isJsonObject(options) ? options : {}, now) });
  return true;
}

function expiryOf({ ttl, expires_at: expiresAt }: JsonObject, now: Date): number {
  const latest = now.getTime() + maxTtlMs;
  const ends = [
    typeof ttl === 'number' ? now.getTime() + ttl : latest,
    typeof expiresAt === 'number' ? expiresAt : latest,
  ];
  const isSet = typeof ttl === 'number' || typeof expiresAt === 'number';
  return isSet ? Math.min(latest, ...ends) : now.getTime() + defaultTtlMs;
}
