export type HandleDeps = { readonly now: () => number; readonly token: () => string };

export type Handles<T> = { put(value: T): string; take(handle: unknown): T | undefined };

/** Values behind unguessable names. One use: `take` removes what it returns; what is too old is gone. */
export function createHandles<T>(deps: HandleDeps, ttlSeconds: number): Handles<T> {
  const entries = new Map<string, { value: T; expiresAtMs: number }>();
  const sweep = () => {
    for (const [handle, { expiresAtMs }] of entries) if (expiresAtMs <= deps.now()) entries.delete(handle);
  };
  return {
    put(value) {
      sweep();
      const handle = deps.token();
      entries.set(handle, { value, expiresAtMs: deps.now() + ttlSeconds * 1000 });
      return handle;
    },
    take(handle) {
      if (typeof handle !== 'string') return undefined;
      const entry = entries.get(handle);
      entries.delete(handle);
      return entry && entry.expiresAtMs > deps.now() ? entry.value : undefined;
    },
  };
}
