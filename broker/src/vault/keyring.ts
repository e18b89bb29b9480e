import { createSecretKey, type KeyObject } from 'node:crypto';

/** One key-encryption key. `id` is written into what it seals. */
export type SealingKey = { readonly id: string; readonly key: KeyObject };

/** The first seals; all open. */
export type Keyring = { readonly active: SealingKey; readonly byId: ReadonlyMap<string, SealingKey> };

const idPattern = /^[A-Za-z0-9_-]{1,8}$/;

/**
 * `id:base64,id:base64,…` with 32-byte keys; the first is active. Returns the problems instead of a keyring when
 * there are any; they name the entry, never the key.
 */
export function parseKeyring(text: string): { keyring: Keyring } | { problems: string[] } {
  const problems: string[] = [];
  const keys: SealingKey[] = [];
  text.split(',').forEach((entry, index) => {
    const [id = '', material = ''] = entry.trim().split(':');
    const bytes = Buffer.from(material, 'base64');
    if (!idPattern.test(id)) problems.push(`entry ${index + 1}: the id must be 1 to 8 letters, digits, - or _`);
    else if (bytes.length !== 32) problems.push(`entry ${index + 1} (${id}): the key must be 32 bytes in base64`);
    else if (keys.some((key) => key.id === id)) problems.push(`entry ${index + 1}: the id ${id} is used twice`);
    else keys.push({ id, key: createSecretKey(bytes) });
    bytes.fill(0);
  });
  const [active] = keys;
  if (problems.length > 0 || active === undefined) return { problems };
  return { keyring: { active, byId: new Map(keys.map((key) => [key.id, key])) } };
}
