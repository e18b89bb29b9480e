import { generateKeyPairSync, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import Provider, { type Configuration } from 'oidc-provider';
import { benchClient, rotatingClient } from '../contestants/bench-client.ts';
import { listen } from './listen.ts';

/*
 * Bare oidc-provider: no upstream, no database (its own in-memory adapter), a login that says yes to a new account
 * each time. It signs what Portico signs: a JWT access token for an API and an ID token, RS256 with 2048 bits.
 */

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

const configuration: Configuration = {
  clients: [benchClient, rotatingClient].map((client) => ({
    client_id: client.clientId,
    client_secret: client.clientSecret,
    redirect_uris: [client.redirectUri],
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    token_endpoint_auth_method: 'client_secret_post',
  })),
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig', kid: 'bench' }] },
  cookies: { keys: ['a-cookie-key-of-the-benchmark-0123456789'] },
  claims: { openid: ['sub'], profile: ['name', 'picture'], email: ['email', 'email_verified'] },
  scopes: ['openid', 'offline_access', 'profile', 'email'],
  findAccount: (_context, accountId) => ({
    accountId,
    claims: () => ({
      sub: accountId,
      name: `Person ${accountId}`,
      picture: `https://people.example/${accountId}.png`,
      email: `${accountId}@people.example`,
      email_verified: true,
    }),
  }),
  interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
  rotateRefreshToken: (context) => context.oidc.client?.clientId === 'bench-rotating',
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      useGrantedResource: () => true,
      getResourceServerInfo: (_context, resource) => ({
        scope: 'read:things',
        audience: resource,
        accessTokenTTL: 86_400,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'RS256' } },
      }),
    },
  },
};

/** Login and consent in one step, as a first-party deployment would do it. */
async function finishInteraction(provider: Provider, request: IncomingMessage, response: ServerResponse) {
  const { params } = await provider.interactionDetails(request, response);
  const accountId = randomUUID();
  const grant = new provider.Grant({ accountId, clientId: String(params.client_id) });
  grant.addOIDCScope('openid profile email offline_access');
  if (typeof params.resource === 'string') grant.addResourceScope(params.resource, 'read:things');
  const grantId = await grant.save();
  await provider.interactionFinished(request, response, { login: { accountId }, consent: { grantId } });
}

listen((origin) => {
  const provider = new Provider(origin, configuration);
  const answer = provider.callback();
  return (request, response) => {
    if (!request.url?.startsWith('/interaction/')) {
      void answer(request, response);
      return;
    }
    finishInteraction(provider, request, response).catch((error: unknown) => {
      console.error(error);
      response.writeHead(500).end();
    });
  };
});
