import type { Client } from '../../core/client.ts';
import { OAuthError } from '../../core/errors.ts';
import type { ResponseType } from './response-type.ts';

const challengePattern = /^[A-Za-z0-9_-]{43}$/;

/**
 * RFC 7636 with S256 only: `plain` protects nothing once the request is seen. Public clients must use it, since they
 * have nothing else to prove that the code is theirs (RFC 9700 §2.1.1).
 */
export function readChallenge(
  client: Client,
  { code_challenge: challenge, code_challenge_method: method }: Readonly<Record<string, string>>,
  responseType: ResponseType,
): string | undefined {
  if (challenge === undefined && method === undefined) {
    if (!responseType.code || client.authMethod !== 'none') return undefined;
    throw new OAuthError('invalid_request', 'Missing required parameter: code_challenge');
  }
  if (challenge === undefined) throw new OAuthError('invalid_request', 'Missing required parameter: code_challenge');
  if (method !== 'S256') throw new OAuthError('invalid_request', 'code_challenge_method must be S256');
  if (!challengePattern.test(challenge)) {
    throw new OAuthError('invalid_request', 'code_challenge must be 43 characters of base64url');
  }
  // Without a code there is nothing to bind, but a wrong challenge tells of a client that is mistaken about it.
  return responseType.code ? challenge : undefined;
}
