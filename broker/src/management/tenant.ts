import type { TObject, TSchema } from '@sinclair/typebox';
import type { JsonObject } from '../core/json.ts';
import { defaultTenantSettings, type TenantSettings } from '../core/tenant.ts';
import { orPart } from '../wire/management/answers/shapes.ts';
import { brandingAnswer, tenantAnswer } from '../wire/management/answers/tenant.ts';
import {
  brandingChangesWire,
  brandingToWire,
  changedBranding,
  changedTenant,
  tenantChangesWire,
  tenantToWire,
} from '../wire/management/tenant-object.ts';
import { checkAddresses } from './check-addresses.ts';
import type { ManagementDeps } from './deps.ts';
import { type Acting, anyOf, type Call, type Endpoint, endpoint } from './endpoint.ts';
import { fieldParameters, pickFields, querySchema } from './paging.ts';

type Resource = {
  readonly path: string;
  readonly what: string;
  readonly scope: string;
  readonly changes: TSchema;
  readonly result: TObject;
  readonly show: (settings: TenantSettings) => JsonObject;
  readonly change: (settings: TenantSettings, changes: JsonObject) => TenantSettings;
};

const resources: readonly Resource[] = [
  {
    path: '/tenants/settings',
    what: 'the settings of the tenant',
    scope: 'tenant_settings',
    changes: tenantChangesWire,
    result: tenantAnswer,
    show: tenantToWire,
    change: changedTenant,
  },
  {
    path: '/branding',
    what: 'how hosted pages look',
    scope: 'branding',
    changes: brandingChangesWire,
    result: brandingAnswer,
    show: brandingToWire,
    change: changedBranding,
  },
];

/** `/tenants/settings` and `/branding`: one row of ours, two resources of Auth0's. */
export const tenantEndpoints = (deps: ManagementDeps): readonly Endpoint[] =>
  resources.flatMap((resource) => endpointsOfResource(deps, resource));

function endpointsOfResource(deps: ManagementDeps, resource: Resource): readonly Endpoint[] {
  const { path, what, scope, changes, result, show } = resource;
  return [
    endpoint({
      method: 'GET',
      path,
      summary: `Get ${what}`,
      scopes: anyOf(`read:${scope}`),
      query: querySchema(fieldParameters),
      result: orPart(result),
      answers: [200],
      handle: async ({ query }) => ({
        status: 200,
        body: pickFields(show((await deps.directory.read()).settings), query),
      }),
    }),
    endpoint({
      method: 'PATCH',
      path,
      summary: `Change ${what}`,
      scopes: anyOf(`update:${scope}`),
      body: changes,
      result,
      answers: [200, 400],
      handle: (call) => changeTenant(deps, call, resource),
    }),
  ];
}

function changeTenant(deps: ManagementDeps, call: Acting & Pick<Call, 'body'>, { what, show, change }: Resource) {
  const { store, audit } = deps;
  const changes = call.body as JsonObject;
  checkAddresses(changes);
  return store.exclusively('tenant', async () => {
    const known = (await store.tenant.find()) ?? defaultTenantSettings;
    const settings = change(known, changes);
    await store.writeAll([store.tenant.put(settings), audit(call, `Change ${what}`)]);
    return { status: 200, body: show(settings) };
  });
}
