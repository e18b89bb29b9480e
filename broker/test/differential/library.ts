import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import Provider, { type Adapter, type AdapterPayload, interactionPolicy } from 'oidc-provider';
import { callbacksOf, machineGrant, secretsOf } from './clients.ts';

/*
 * The judge: `oidc-provider` as it comes, with the same applications, the same paths, and whatever it offers that Auth0
 * has too. It signs anybody in without asking.
 */

export type Library = { readonly url: string; close(): Promise<void> };

export async function startLibrary(): Promise<Library> {
  const server = createServer();
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const url = `http://localhost:${(server.address() as AddressInfo).port}`;
  const provider = await createProvider(url);
  const answer = provider.callback();
  server.on('request', (request, response) => {
    if (!request.url?.startsWith('/interaction/')) return void answer(request, response);
    provider.interactionFinished(request, response, { login: { accountId: 'user-1' } }).catch((error: Error) => {
      response.writeHead(500).end(error.message);
    });
  });
  return {
    url,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function createProvider(url: string): Promise<Provider> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return new Provider(url, {
    adapter: createAdapter(),
    jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig' }] },
    // POST to /authorize needs a cookie that a cross-site form sends.
    cookies: { keys: ['differential'], long: { sameSite: 'none' } },
    enableHttpPostMethods: true,
    routes: { authorization: '/authorize', token: '/oauth/token' },
    responseTypes: ['code', 'id_token', 'id_token token', 'code id_token', 'code token', 'code id_token token'],
    scopes: ['openid', 'profile', 'email', 'offline_access', 'user_metadata', machineGrant],
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      webMessageResponseMode: { enabled: true, ack: 'individual-draft-01' },
      resourceIndicators: { enabled: false },
    },
    interactions: { policy: policyWithoutConsent(), url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
    // A grant of its own for each request: a family that is revoked takes nothing else with it.
    async loadExistingGrant(ctx) {
      const { account, client } = ctx.oidc;
      if (account === undefined || client === undefined) return undefined;
      const grant = new ctx.oidc.provider.Grant({ accountId: account.accountId, clientId: client.clientId });
      grant.addOIDCScope(`openid profile email offline_access user_metadata ${machineGrant}`);
      await grant.save();
      return grant;
    },
    issueRefreshToken: (_ctx, client, code) =>
      client.grantTypeAllowed('refresh_token') && code.scopes.has('offline_access'),
    rotateRefreshToken: (ctx) => ctx.oidc.client?.clientId === 'spa',
    ttl: { Interaction: 600, Grant: 3600, Session: 3600, RefreshToken: 3600, AuthorizationCode: 60 },
    clients: [
      { ...personal('web'), client_secret: secretsOf.web, token_endpoint_auth_method: 'client_secret_post' },
      { ...personal('spa'), token_endpoint_auth_method: 'none' },
      {
        client_id: 'machine',
        client_secret: secretsOf.machine,
        grant_types: ['client_credentials'],
        response_types: [],
        redirect_uris: [],
        scope: machineGrant,
      },
    ],
  });
}

const personal = (id: 'web' | 'spa') => ({
  client_id: id,
  redirect_uris: [...callbacksOf[id]],
  grant_types: ['authorization_code', 'implicit', 'refresh_token'],
  response_types: [
    'code' as const,
    'id_token' as const,
    'id_token token' as const,
    'code id_token' as const,
    'code token' as const,
    'code id_token token' as const,
  ],
});

/** `prompt=consent` may be asked for and is granted silently, as for a first-party client of Auth0. */
function policyWithoutConsent() {
  const policy = interactionPolicy.base();
  policy.get('consent')?.checks.clear();
  policy.add(new interactionPolicy.Prompt({ name: 'select_account', requestable: true }));
  return policy;
}

/** Everything in maps for the time of the run, without the limit of the library's own. */
function createAdapter(): (model: string) => Adapter {
  const models = new Map<string, Map<string, AdapterPayload>>();
  return (model) => {
    const rows = models.get(model) ?? new Map<string, AdapterPayload>();
    models.set(model, rows);
    const found = (id: string | undefined) => structuredClone(id === undefined ? undefined : rows.get(id));
    return {
      upsert: async (id, payload) => void rows.set(id, structuredClone(payload)),
      find: async (id) => found(id),
      findByUid: async (uid) => found([...rows].find(([, row]) => row.uid === uid)?.[0]),
      findByUserCode: async () => undefined,
      consume: async (id) => void rows.set(id, { ...rows.get(id), consumed: Math.floor(Date.now() / 1000) }),
      destroy: async (id) => void rows.delete(id),
      revokeByGrantId: async (grantId) => {
        for (const [id, row] of rows) if (row.grantId === grantId) rows.delete(id);
      },
    };
  };
}
