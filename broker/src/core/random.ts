import { randomBytes } from 'node:crypto';

/** Randomness is passed in, so that tests can set it. */
export type Random = {
  /** `prefix` and 256 random bits as base64url. The prefix tells one kind of handle from another. */
  token(prefix: string): string;
  /** `prefix` and 16 random alphanumeric characters: an id, not a secret. */
  id(prefix: string): string;
};

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const poolBytes = 4096;
let pool = Buffer.alloc(0);
let used = 0;

/** One call to the system's generator fills many requests; the bytes handed out are wiped from the pool. */
function take(length: number): Buffer {
  if (used + length > pool.length) {
    pool = randomBytes(poolBytes);
    used = 0;
  }
  const bytes = Buffer.from(pool.subarray(used, used + length));
  pool.fill(0, used, used + length);
  used += length;
  return bytes;
}

function alphanumeric(length: number): string {
  let text = '';
  while (text.length < length) {
    // 248 = 4 × 62: larger bytes would favour the first letters.
    for (const byte of take(length)) {
      if (byte < 248 && text.length < length) text += alphabet[byte % 62];
    }
  }
  return text;
}

export const systemRandom: Random = {
  token: (prefix) => prefix + take(32).toString('base64url'),
  id: (prefix) => prefix + alphanumeric(16),
};
