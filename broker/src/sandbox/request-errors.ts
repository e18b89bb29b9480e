import type { EgressReason } from '../core/errors.ts';

/** What a script finds in `err.code`, with words of our own: an upstream's never get in here. */
export const requestErrors: Readonly<Record<EgressReason, readonly [code: string, message: string]>> = {
  denied: ['EGRESS_DENIED', 'The destination is not allowed'],
  invalid_url: ['ERR_INVALID_URL', 'Invalid URI'],
  dns: ['ENOTFOUND', 'getaddrinfo ENOTFOUND'],
  refused: ['ECONNREFUSED', 'connect ECONNREFUSED'],
  reset: ['ECONNRESET', 'socket hang up'],
  tls: ['ERR_TLS', 'The TLS connection could not be established'],
  timeout: ['ETIMEDOUT', 'ETIMEDOUT'],
  too_large: ['ERR_TOO_LARGE', 'The answer is too large'],
  too_many_redirects: ['ERR_TOO_MANY_REDIRECTS', 'Exceeded maxRedirects'],
  bad_encoding: ['ERR_BAD_ENCODING', 'The answer could not be decoded'],
  bad_response: ['ERR_BAD_RESPONSE', 'The answer is not valid HTTP'],
};

/** Of a recording, which may have been edited. */
export const readReason = (text: string): EgressReason =>
  Object.hasOwn(requestErrors, text) ? (text as EgressReason) : 'bad_response';
