import { reservedParameters } from '../core/connection.ts';
import { ApiError } from '../core/errors.ts';
import { providerAddresses } from '../core/provider-address.ts';
import type { Snapshot } from '../tenant/directory.ts';
import type { ConnectionChanges } from '../wire/management/connection-object.ts';
import { validationError } from './problems.ts';

/*
 * What a schema cannot say of a connection that is made or changed.
 */

/** UP-14: at a sign-in our own values win anyway; here it is said before somebody wonders. */
export function checkReserved(options: unknown): void {
  const groups = ['authParams', 'authParamsMap', 'upstream_params'] as const;
  const problems = groups.flatMap((group) => {
    const values = (options as Record<string, unknown> | undefined)?.[group];
    return Object.keys(Object(values))
      .filter((name) => reservedParameters.has(name.toLowerCase()))
      .map((name) => `'The parameter ${name} is set by the broker' on property options.${group}`);
  });
  if (problems.length > 0) throw validationError('Payload', problems);
}

/** API-10: it has the shape of an address, but no host that there can be. */
export function checkProviderAddresses(options: unknown): void {
  const given = (options ?? {}) as Readonly<Record<string, unknown>>;
  const problems = providerAddresses
    .filter((name) => typeof given[name] === 'string' && given[name] !== '' && !URL.canParse(given[name]))
    .map((name) => `'${String(given[name]).slice(0, 100)} is no address' on property options.${name}`);
  if (problems.length > 0) throw validationError('Payload', problems);
}

export function checkStrategy(strategy: string): void {
  if (strategy === 'oauth2') return;
  throw new ApiError(400, `Portico serves connections of the strategy oauth2, not ${strategy}`, {
    code: 'operation_not_supported',
  });
}

export function checkClients(tenant: Snapshot, ids: readonly string[] | null | undefined): void {
  const unknown = ids?.find((id) => tenant.findClient(id) === undefined);
  if (unknown === undefined) return;
  throw new ApiError(400, `The client ${unknown} of enabled_clients does not exist`, { code: 'invalid_body' });
}

/** Auth0's words for a strategy that cannot do it; that it is off may be said. */
export function checkCrossAppAccess({
  cross_app_access_requesting_app: requesting,
  cross_app_access_resource_app: resource,
}: ConnectionChanges): void {
  if (requesting?.active === true) throw notSupported('Cross App Access Requesting App');
  if (resource?.status === 'enabled') throw notSupported('Cross App Access Resource App');
}

const notSupported = (what: string) =>
  new ApiError(400, `${what} is not supported for this connection.`, { code: 'operation_not_supported' });
