import { createHmac } from 'node:crypto';

/** HMAC-SHA256 for the guest, as base64url. Never throws: a host stack must not leak. */
export function signHs256(secret, text) {
  try {
    return createHmac('sha256', secret).update(text).digest('base64url');
  } catch {
    return '';
  }
}
