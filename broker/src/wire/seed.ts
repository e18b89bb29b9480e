import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { hasWildcard, problemOfListed } from '../core/callback-url.ts';
import { actionWire, ruleSettingWire, ruleWire } from './management/actions.ts';
import { brandingWire } from './management/branding.ts';
import { clientWire } from './management/clients.ts';
import { connectionWire } from './management/connections.ts';
import { clientGrantWire, resourceServerWire } from './management/resource-servers.ts';
import { tenantWire } from './management/tenant.ts';
import { tokenExchangeProfileWire } from './management/token-exchange-profiles.ts';
import { problemsOfProofs } from './seed-proofs.ts';
import { problemsOfReferences } from './seed-references.ts';

/** What an empty tenant is filled with, in the Management API's spelling. */
export const seedWire = Type.Object({
  tenant: Type.Optional(tenantWire),
  branding: Type.Optional(brandingWire),
  resource_servers: Type.Optional(Type.Array(resourceServerWire)),
  clients: Type.Optional(Type.Array(clientWire)),
  client_grants: Type.Optional(Type.Array(clientGrantWire)),
  connections: Type.Optional(Type.Array(connectionWire)),
  actions: Type.Optional(Type.Array(actionWire)),
  token_exchange_profiles: Type.Optional(Type.Array(tokenExchangeProfileWire)),
  rules: Type.Optional(Type.Array(ruleWire)),
  rules_configs: Type.Optional(Type.Array(ruleSettingWire)),
});
export type SeedWire = Static<typeof seedWire>;

/** The parsed seed, or every problem with its path; values are not repeated, they may be secrets. */
export function parseSeed(
  text: string,
  { systemAudience }: { readonly systemAudience: string },
): { readonly seed: SeedWire } | { readonly problems: readonly string[] } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problems: ['the seed file is not JSON'] };
  }
  if (Value.Check(seedWire, value)) {
    const problems = [...problemsOf(value), ...problemsOfReferences(value, systemAudience)];
    return problems.length === 0 ? { seed: value } : { problems };
  }
  return {
    problems: [...Value.Errors(seedWire, value)].map(({ path, message }) => `seed file, ${path || '/'}: ${message}`),
  };
}

/** What a schema cannot say: addresses that must never be redirected to, secrets that are missing, names used twice. */
function problemsOf(seed: SeedWire): string[] {
  const { tenant = {}, clients = [], connections = [] } = seed;
  const addresses = clients.flatMap(({ client_id: id, callbacks = [], allowed_logout_urls: logoutUrls = [] }) => [
    ...problemsOfUrls(`client ${id}: the callback`, callbacks),
    ...problemsOfUrls(`client ${id}: the logout URL`, logoutUrls.map(withoutFragment)),
  ]);
  const wide = clients.flatMap(({ client_id: id, is_first_party: isFirstParty, callbacks = [] }) =>
    isFirstParty === false && callbacks.some(hasWildcard)
      ? [`seed file, client ${id}: a wildcard is for first-party clients only`]
      : [],
  );
  const tenantLogoutUrls = (tenant.allowed_logout_urls ?? []).map(withoutFragment);
  addresses.push(...problemsOfUrls('tenant: the logout URL', tenantLogoutUrls));
  const names = connections.map(({ name }) => name);
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  return [
    ...addresses,
    ...wide,
    ...problemsOfProofs(seed),
    ...twice.map((name) => `seed file: the connection name ${name} is used twice`),
  ];
}

const problemsOfUrls = (what: string, urls: readonly string[]): string[] =>
  urls.flatMap((url) => {
    const problem = problemOfListed(url);
    return problem === undefined ? [] : [`seed file, ${what} ${url.slice(0, 100)} ${problem}`];
  });

/** Auth0: the fragment of a logout URL does not count, so it may have one. */
const withoutFragment = (url: string): string => url.split('#', 1)[0] ?? '';
