import type { TSchema } from '@sinclair/typebox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Route } from '../../src/http/route.ts';
import type { ManagementDeps } from '../../src/management/deps.ts';
import { endpointsOf } from '../../src/management/management.ts';
import { scopesOf } from '../../src/management/openapi.ts';
import { addressOf, managementRoutes } from '../../src/management/routes.ts';
import { issuerUrl, type ManagementInProcess, openManagement } from '../support/management-in-process.ts';

/*
 * API-01: what a body may hold is listed; everything else is refused by name, at every depth, and nothing is written.
 */

/** What somebody would like to set who may set something else. */
const wanted = [
  'id',
  'user_id',
  'client_id',
  'connection_id',
  'tenant',
  'tenant_id',
  'global',
  'owners',
  'is_system',
  'is_domain_connection',
  'strategy',
  'created_at',
  'identities',
  'signing_keys',
  'logins_count',
  'sealed_secret',
  'secretHash',
  'isSystem',
  '__proto__',
  'constructor',
];
const endpoints = endpointsOf({} as ManagementDeps);
const withBody = endpoints.flatMap(({ body, ...endpoint }) => (body === undefined ? [] : [{ ...endpoint, body }]));

type Place = { readonly name: string; readonly known: readonly string[]; wrap(inner: object): unknown };

/** Every object of a schema that lists its fields, with a way to put something there. */
function placesOf(schema: TSchema, name: string, wrap: Place['wrap']): Place[] {
  const own =
    schema.type === 'object' && schema.additionalProperties === false && schema.patternProperties === undefined
      ? [{ name, known: Object.keys(schema.properties), wrap }]
      : [];
  const inner = Object.entries((schema.properties ?? {}) as Readonly<Record<string, TSchema>>).flatMap(
    ([key, property]) => placesOf(property, `${name}.${key}`, (object) => wrap({ [key]: object })),
  );
  const items =
    schema.items === undefined ? [] : placesOf(schema.items, `${name}[]`, (object) => wrap([object] as object));
  const variants = ((schema.anyOf ?? []) as readonly TSchema[])
    .filter(({ type }) => type === 'object' || type === 'array')
    .flatMap((variant, _, all) => (all.length === 1 ? placesOf(variant, name, wrap) : []));
  return [...own, ...inner, ...items, ...variants];
}

describe('API-01: mass assignment', () => {
  let management: ManagementInProcess;
  let routes: readonly Route[];
  let token: string;
  beforeAll(async () => {
    management = await openManagement({
      clients: [{ client_id: 'web', name: 'Web' }],
      connections: [{ name: 'one', strategy: 'oauth2', options: {} }],
    });
    const { store, keys, clock } = management.deps;
    const caller = { store, keys, clock, issuerUrl, audience: `${issuerUrl}api/v2/` };
    routes = managementRoutes({ caller, limit: async () => ({}) }, endpointsOf(management.deps));
    token = await management.createToken(scopesOf(endpoints));
  });
  afterAll(() => management.close());
  const ask = async (method: string, path: string, json: unknown) => {
    const reply = await management.ask(routes, { method, path, json, token });
    return { status: reply.status, body: reply.body === '' ? undefined : JSON.parse(reply.body) };
  };

  test('every body but those listed here says which fields it has', () => {
    const open = withBody.flatMap(({ method, path, body }) =>
      body.type === 'object' && body.additionalProperties !== false ? [`${method} ${path}`] : [],
    );
    // It makes nobody: people of a social connection come by themselves.
    expect(open).toEqual(['POST /users']);
  });

  test.each(
    withBody.flatMap((endpoint) =>
      placesOf(endpoint.body, 'body', (object) => object).map((place) => ({
        name: `${endpoint.method} ${addressOf(endpoint)} ${place.name}`,
        endpoint,
        place,
      })),
    ),
  )('$name takes nothing that it does not list', async ({ endpoint, place }) => {
    const names = wanted.filter((name) => !place.known.includes(name));
    expect(names.length).toBeGreaterThan(10);
    for (const name of names) {
      // Parsed, so that __proto__ is a field like any other.
      const json = JSON.parse(JSON.stringify(place.wrap({ $name: 'x' })).replace('$name', name));
      const { status, body } = await ask(endpoint.method, addressOf(endpoint).replace(/:\w+/g, 'web'), json);
      expect(status, name).toBe(400);
      expect(body.message).toContain(`Additional properties not allowed: ${name}`);
    }
  });

  test('a change with one such field changes nothing of the rest', async () => {
    const { store } = management.deps;
    const [connection] = await store.connections.list();
    const resources = [
      { path: '/clients/web', change: { name: 'Other', client_id: 'x' } },
      { path: '/clients/web', change: { name: 'Other', global: true } },
      { path: `/connections/${connection?.id}`, change: { display_name: 'Other', strategy: 'auth0' } },
      { path: `/connections/${connection?.id}`, change: { display_name: 'Other', id: 'con_0000000000000000' } },
      { path: '/tenants/settings', change: { friendly_name: 'Other', tenant: 'x' } },
      { path: '/branding', change: { logo_url: 'https://a.example/l.png', tenant: 'x' } },
      { path: '/resource-servers/rs_system', change: { token_lifetime: 60, is_system: false } },
    ];
    for (const { path, change } of resources) {
      const before = await ask('GET', `/api/v2${path}`, undefined);
      expect(before.status, path).toBe(200);
      const refused = await ask('PATCH', `/api/v2${path}`, change);
      expect(refused.status, path).toBe(400);
      expect(await ask('GET', `/api/v2${path}`, undefined)).toEqual(before);
    }
  });
});
