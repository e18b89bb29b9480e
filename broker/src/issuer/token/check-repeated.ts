import { OAuthError } from '../../core/errors.ts';
import { repeatable } from '../../core/repeatable.ts';
import type { Parameters } from '../../http/parameters.ts';

/** RFC 6749 §3.2: parameters must not be included more than once. */
export function checkRepeated({ malformed }: Parameters): void {
  const [name] = malformed;
  if (name === undefined) return;
  throw new OAuthError('invalid_request', `Parameter must be sent once, as a string: ${repeatable(name)}`);
}
