import type { ResourceServer } from './client.ts';
import { isJsonObject } from './json.ts';

/**
 * Whether an API takes tokens of applications themselves (`client`), or of people through applications (`user`), as its
 * `subject_type_authorization` says. People have no client grants here, so that where one is asked for nobody has it.
 */
export function mayHaveTokens({ extra }: ResourceServer, subject: 'client' | 'user'): boolean {
  const { subject_type_authorization: said } = extra;
  const group = isJsonObject(said) ? said[subject] : undefined;
  const policy = isJsonObject(group) ? group.policy : undefined;
  return subject === 'client' ? policy !== 'deny_all' : policy === undefined || policy === 'allow_all';
}

/** In Auth0's words. */
export const noTokensFor = ({ identifier }: ResourceServer): string =>
  `Client is not authorized to access resource server "${identifier}".`;
