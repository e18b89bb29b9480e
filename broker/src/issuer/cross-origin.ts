import type { Directory } from '../tenant/directory.ts';

/** Origins of the tenant's applications may read answers; no credentials travel with such a request. */
export const createCrossOriginHeaders = (directory: Pick<Directory, 'read'>) => async (origin: string) =>
  (await directory.read()).isKnownOrigin(origin)
    ? {
        'access-control-allow-origin': origin,
        'access-control-expose-headers': 'DPoP-Nonce, WWW-Authenticate',
        vary: 'Origin',
      }
    : undefined;
