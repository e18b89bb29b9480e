import { OAuthError } from '../../core/errors.ts';
import type { Parameters } from '../../http/parameters.ts';

/** RFC 6749 §3.2: present, not empty, not repeated. */
export function requireParameter({ values }: Parameters, name: string): string {
  const value = values[name];
  if (value === undefined || value === '') {
    throw new OAuthError('invalid_request', `Missing required parameter: ${name}`);
  }
  return value;
}
