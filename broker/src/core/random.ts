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
function refill(length: number): void {
  if (used + length <= pool.length) return;
  pool = randomBytes(poolBytes);
  used = 0;
}

function base64url(bytes: number): string {
  refill(bytes);
  const text = pool.toString('base64url', used, used + bytes);
  pool.fill(0, used, used + bytes);
  used += bytes;
  return text;
}

function alphanumeric(length: number): string {
  let text = '';
  while (text.length < length) {
    refill(1);
    const byte = pool[used] ?? 255;
    pool[used] = 0;
    used += 1;
    // 248 = 4 × 62: larger bytes would favour the first letters.
    if (byte < 248) text += alphabet[byte % 62];
  }
  return text;
}

export const systemRandom: Random = {
  token: (prefix) => prefix + base64url(32),
  id: (prefix) => prefix + alphanumeric(16),
};
