import { createSecretKey, type KeyObject } from 'node:crypto';

/** One key-encryption key. `id` is written into what it seals. */
export type SealingKey = { readonly id: string; readonly key: KeyObject };

/** The first seals; all open. */
export type Keyring = { readonly active: SealingKey; readonly byId: ReadonlyMap<string, SealingKey> };

const idPattern = /^[A-Za-z0-9_-]{1,8}$/;
/** Node decodes whatever it finds; a key with a slip of the pen must not become another key. */
const keyPattern = /^[A-Za-z0-9+/_-]{43}=?$/;

/** Of 32 random bytes 16 or more differ, but once in 10^16 keys. What repeats itself was typed by somebody. */
const fewestBytes = 16;

/**
 * `id:base64,id:base64,…` with 32-byte keys; the first is active. Returns the problems instead of a keyring when
 * there are any; they name the entry, never the key.
 */
export function parseKeyring(text: string): { keyring: Keyring } | { problems: string[] } {
  const problems: string[] = [];
  const keys: SealingKey[] = [];
  text.split(',').forEach((entry, index) => {
    const [id = '', ...rest] = entry.trim().split(':');
    const material = rest.join(':');
    const bytes = Buffer.from(material, 'base64');
    if (!idPattern.test(id)) problems.push(`entry ${index + 1}: the id must be 1 to 8 letters, digits, - or _`);
    else if (!keyPattern.test(material))
      problems.push(`entry ${index + 1} (${id}): the key must be 32 bytes in base64`);
    else if (new Set(bytes).size < fewestBytes)
      problems.push(`entry ${index + 1} (${id}): the key is not random; make one with openssl rand -base64 32`);
    else if (keys.some((key) => key.id === id)) problems.push(`entry ${index + 1}: the id ${id} is used twice`);
    else keys.push({ id, key: createSecretKey(bytes) });
    bytes.fill(0);
  });
  const [active] = keys;
  if (problems.length > 0 || active === undefined) return { problems };
  return { keyring: { active, byId: new Map(keys.map((key) => [key.id, key])) } };
}
