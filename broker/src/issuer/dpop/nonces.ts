import { createHmac, hkdfSync, type KeyObject } from 'node:crypto';

/*
 * RFC 9449 §8: a nonce keeps proofs from being made in advance. Ours are made from the time and a key that all brokers
 * have: nothing is stored, and any of them knows the other's.
 */

const windowMs = 300_000;

/** The key of nonces, from the one that seals opaque tokens. */
export const deriveNonceKey = (tokenKey: KeyObject): Buffer =>
  Buffer.from(hkdfSync('sha256', tokenKey.export(), '', 'DPoP nonce', 32));

/** The nonce of this moment; it is good for five to ten minutes. */
export const nonceAt = (key: Buffer, now: Date): string => nonceOf(key, windowAt(now));

/** The window before counts, and the one after: brokers' clocks differ. */
export function isNonceOf(key: Buffer, nonce: string, now: Date): boolean {
  const window = windowAt(now);
  return [window, window - 1, window + 1].some((candidate) => nonceOf(key, candidate) === nonce);
}

const windowAt = (now: Date): number => Math.floor(now.getTime() / windowMs);

const nonceOf = (key: Buffer, window: number): string =>
  createHmac('sha256', key).update(String(window)).digest().subarray(0, 16).toString('base64url');
