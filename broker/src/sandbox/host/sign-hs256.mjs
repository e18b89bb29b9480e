import { createHmac } from 'node:crypto';

const maxLength = 256 * 1024;

/** HMAC-SHA256 for the guest, as base64url; empty if there is none. Never throws: a host stack must not leak. */
export function signHs256(secret, text) {
  try {
    if (secret.length + text.length > maxLength) return '';
    return createHmac('sha256', secret).update(text).digest('base64url');
  } catch {
    return '';
  }
}
