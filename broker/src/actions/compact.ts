import type { Json, JsonObject } from '../core/json.ts';

/** Without the members that are undefined. */
export function compact(members: Readonly<Record<string, Json | undefined>>): JsonObject {
  const complete: Record<string, Json> = {};
  for (const [name, value] of Object.entries(members)) if (value !== undefined) complete[name] = value;
  return complete;
}
