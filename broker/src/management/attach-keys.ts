import type { Client, ClientCredential } from '../core/client.ts';
import { ApiError } from '../core/errors.ts';
import type { AttachedKeysWire } from '../wire/management/client-credentials.ts';
import { validationError } from './problems.ts';

type Changes = {
  /** null: none of its keys; undefined: as before. */
  readonly client_authentication_methods?: AttachedKeysWire | null;
  readonly token_endpoint_auth_method?: unknown;
};

/**
 * What a client proves itself with after `PATCH /clients/:id`: the keys that are named and no others, or with null its
 * secret again (Auth0: one or the other). Throws ApiError 400 for keys that it does not have, and for both at once.
 */
export function attachKeys(
  known: Client,
  { client_authentication_methods: methods, token_endpoint_auth_method: method }: Changes,
): { readonly credentials: readonly ClientCredential[]; readonly isProvenByKey: boolean } {
  const isByKey = known.authMethod === 'private_key_jwt';
  if (methods === undefined) {
    if (!isByKey || typeof method !== 'string') return { credentials: known.credentials, isProvenByKey: isByKey };
    if (!known.credentials.every(isDetached)) throw bothMethods('send client_authentication_methods: null as well');
    return { credentials: known.credentials, isProvenByKey: false };
  }
  if (methods === null) return { credentials: known.credentials.map(detach), isProvenByKey: false };
  checkOneMethod(methods, method);
  const wanted = new Set(methods.private_key_jwt.credentials.map(({ id }) => id));
  const missing = [...wanted].find((id) => !known.credentials.some((credential) => credential.id === id));
  if (missing !== undefined) {
    throw validationError('Payload', [
      `'The application has no credential ${missing}' on property client_authentication_methods.private_key_jwt.credentials`,
    ]);
  }
  const attach = (credential: ClientCredential) =>
    wanted.has(credential.id) ? attached(credential) : detach(credential);
  return { credentials: known.credentials.map(attach), isProvenByKey: true };
}

/** Throws ApiError 400 where keys are given and another method is said as well. */
export function checkOneMethod(methods: unknown, method: unknown): void {
  if (methods !== undefined && typeof method === 'string') throw bothMethods('leave out token_endpoint_auth_method');
}

export const isDetached = (credential: ClientCredential): boolean => credential.isDetached === true;
export const detach = (credential: ClientCredential): ClientCredential => ({ ...credential, isDetached: true });
const attached = ({ isDetached: _, ...credential }: ClientCredential): ClientCredential => credential;

const bothMethods = (advice: string) =>
  new ApiError(400, `token_endpoint_auth_method and client_authentication_methods exclude each other; ${advice}`, {
    code: 'invalid_body',
  });
