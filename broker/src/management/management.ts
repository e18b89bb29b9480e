import type { Route } from '../http/route.ts';
import { systemAudienceOf } from '../wire/management/resource-servers.ts';
import { actionEndpoints } from './actions.ts';
import { createAudit } from './audit.ts';
import { clientCredentialEndpoints } from './client-credentials.ts';
import { clientGrantEndpoints } from './client-grants.ts';
import { clientEndpoints } from './clients.ts';
import { connectionClientEndpoints } from './connection-clients.ts';
import { connectionHistoryEndpoints } from './connection-history.ts';
import { connectionRefusalEndpoints } from './connection-refusals.ts';
import { connectionEndpoints } from './connections.ts';
import type { ManagementDeps } from './deps.ts';
import { deviceCredentialEndpoints } from './device-credentials.ts';
import type { Endpoint } from './endpoint.ts';
import { grantEndpoints } from './grants.ts';
import { downloadRoute } from './jobs/download.ts';
import { jobEndpoints } from './jobs/endpoints.ts';
import { createLimit, type ManagementLimits, type TellLimit } from './limit.ts';
import { logEndpoints } from './logs.ts';
import { scopesOf } from './openapi.ts';
import { openApiRoute } from './openapi-route.ts';
import { refreshTokenEndpoints } from './refresh-tokens.ts';
import { resourceServerEndpoints } from './resource-servers.ts';
import { managementRoutes } from './routes.ts';
import { ruleEndpoints } from './rules.ts';
import { sessionEndpoints } from './sessions.ts';
import { signingKeyEndpoints } from './signing-keys.ts';
import { statsEndpoints } from './stats.ts';
import { tenantEndpoints } from './tenant.ts';
import { tokenExchangeProfileEndpoints } from './token-exchange-profiles.ts';
import { triggerEndpoints } from './triggers.ts';
import { userIdentityEndpoints } from './user-identities.ts';
import { userEndpoints } from './users.ts';

export type ManagementOptions = Omit<ManagementDeps, 'audit'> & {
  readonly log: Parameters<typeof createAudit>[0]['log'];
  readonly limits: ManagementLimits;
  readonly tellLimit: TellLimit;
};

/** Every endpoint of /api/v2 that Portico serves, in the order of the reference. */
export const endpointsOf = (deps: ManagementDeps): readonly Endpoint[] => [
  ...connectionEndpoints(deps),
  ...connectionClientEndpoints(deps),
  ...connectionRefusalEndpoints(deps),
  ...connectionHistoryEndpoints(deps),
  ...clientEndpoints(deps),
  ...clientCredentialEndpoints(deps),
  ...clientGrantEndpoints(deps),
  ...resourceServerEndpoints(deps, () => scopesOf(endpointsOf(deps))),
  ...tenantEndpoints(deps),
  ...actionEndpoints(deps),
  ...triggerEndpoints(deps),
  ...ruleEndpoints(deps),
  ...tokenExchangeProfileEndpoints(deps),
  ...signingKeyEndpoints(deps),
  ...grantEndpoints(deps),
  ...userEndpoints(deps),
  ...userIdentityEndpoints(deps),
  ...sessionEndpoints(deps),
  ...refreshTokenEndpoints(deps),
  ...deviceCredentialEndpoints(deps),
  ...logEndpoints(deps),
  ...statsEndpoints(deps),
  ...jobEndpoints(deps),
];

export function createManagement(options: ManagementOptions): readonly Route[] {
  const { store, keys, clock, issuerUrl } = options;
  const audience = systemAudienceOf(issuerUrl);
  const limit = createLimit(options.limits, options.tellLimit);
  const endpoints = endpointsOf({ ...options, audit: createAudit(options) });
  return [
    ...managementRoutes({ caller: { store, keys, clock, issuerUrl, audience }, limit }, endpoints),
    openApiRoute(endpoints, issuerUrl),
    downloadRoute(options),
  ];
}
