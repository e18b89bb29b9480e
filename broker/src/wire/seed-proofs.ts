import { clientAuthMethodOf } from './management/clients.ts';
import type { SeedWire } from './seed.ts';

/** Clients and APIs that lack what they must prove or sign with, or have two ways where there is one. */
export function problemsOfProofs({ clients = [], resource_servers: apis = [] }: SeedWire): string[] {
  return [
    ...clients.flatMap((client) => {
      const method = clientAuthMethodOf(client);
      const hasSecret = client.client_secret !== undefined;
      const needsSecret = method === 'client_secret_post' || method === 'client_secret_basic';
      const signsWithSecret = client.jwt_configuration?.alg === 'HS256';
      const hasTwoMethods = method === 'private_key_jwt' && client.token_endpoint_auth_method !== undefined;
      return [
        ...(needsSecret && !hasSecret ? ['client_secret is missing'] : []),
        ...(signsWithSecret && method === 'none' ? ['HS256 needs a client that keeps a secret'] : []),
        ...(signsWithSecret && method === 'private_key_jwt' && !hasSecret ? ['HS256 needs a client_secret'] : []),
        ...(hasTwoMethods ? ['client_authentication_methods excludes token_endpoint_auth_method'] : []),
      ].map((problem) => `seed file, client ${client.client_id}: ${problem}`);
    }),
    ...apis
      .filter((api) => api.signing_alg === 'HS256' && api.signing_secret === undefined)
      .map(({ identifier }) => `seed file, API ${identifier}: HS256 needs a signing_secret`),
  ];
}
