import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import Provider, { type Adapter, type AdapterPayload, interactionPolicy } from 'oidc-provider';
import { callbacksOf, machineGrant, secretsOf } from './clients.ts';
import { deviceGrantType } from './prepare.ts';
import { clientKeys } from './proofs.ts';
import type { Decide } from './server.ts';

/*
 * The judge: `oidc-provider` as it comes, with the same applications, the same paths, and whatever it offers that Auth0
 * has too. It signs anybody in without asking.
 */

export type Library = { readonly url: string; readonly decide: Decide; close(): Promise<void> };

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
    decide: (userCode, decision) => decideFor(provider, userCode, decision),
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
    routes: {
      authorization: '/authorize',
      token: '/oauth/token',
      pushed_authorization_request: '/oauth/par',
      revocation: '/oauth/revoke',
      device_authorization: '/oauth/device/code',
    },
    responseTypes: ['code', 'id_token', 'id_token token', 'code id_token', 'code token', 'code id_token token'],
    scopes: ['openid', 'profile', 'email', 'offline_access', 'user_metadata', machineGrant],
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      webMessageResponseMode: { enabled: true, ack: 'individual-draft-01' },
      resourceIndicators: { enabled: false },
      deviceFlow: { enabled: true },
      revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
      pushedAuthorizationRequests: { enabled: true },
      dPoP: {
        enabled: true,
        nonceSecret: randomBytes(32),
        requireNonce: (ctx) => ctx.oidc.client?.clientAuthMethod === 'none',
      },
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
    rotateRefreshToken: (ctx) => rotating.has(ctx.oidc.client?.clientId ?? ''),
    ttl: { Interaction: 600, Grant: 3600, Session: 3600, RefreshToken: 3600, AuthorizationCode: 60 },
    clients: [
      { ...personal('web'), client_secret: secretsOf.web, token_endpoint_auth_method: 'client_secret_post' },
      { ...personal('spa'), token_endpoint_auth_method: 'none' },
      {
        ...personal('keyed'),
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [clientKeys.publicKey.export({ format: 'jwk' })] },
      },
      {
        client_id: 'tv',
        token_endpoint_auth_method: 'none',
        application_type: 'native',
        grant_types: [deviceGrantType, 'refresh_token'],
        response_types: [],
        redirect_uris: [],
      },
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

/** As its own pages do when the person has typed the code and decided. */
async function decideFor(provider: Provider, userCode: string, decision: 'allowed' | 'denied'): Promise<void> {
  const code = await provider.DeviceCode.findByUserCode(userCode.replaceAll('-', ''), { ignoreExpiration: true });
  const client = await provider.Client.find('tv');
  if (code === undefined || client === undefined) throw new Error(`no device has the code ${userCode}`);
  if (decision === 'denied') {
    Object.assign(code, { error: 'access_denied', errorDescription: 'the person said no' });
  } else {
    const scope = 'openid profile offline_access';
    const grant = new provider.Grant({ accountId: 'user-1', clientId: 'tv' });
    grant.addOIDCScope(scope);
    Object.assign(code, {
      accountId: 'user-1',
      grantId: await grant.save(),
      scope,
      authTime: Math.floor(Date.now() / 1000),
    });
  }
  await code.save();
}

const personal = (id: 'web' | 'spa' | 'keyed') => ({
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

const rotating: ReadonlySet<string> = new Set(['spa', 'tv']);

/** Everything in maps for the time of the run, without the limit of the library's own. */
function createAdapter(): (model: string) => Adapter {
  const models = new Map<string, Map<string, AdapterPayload>>();
  /** A session's uid, a device's user code, to the id of the row. */
  const names = new Map<string, string>();
  return (model) => {
    const rows = models.get(model) ?? new Map<string, AdapterPayload>();
    models.set(model, rows);
    const found = (id: string | undefined) => structuredClone(id === undefined ? undefined : rows.get(id));
    return {
      async upsert(id, payload) {
        rows.set(id, structuredClone(payload));
        const name = payload.uid ?? payload.userCode;
        if (name !== undefined) names.set(`${model} ${name}`, id);
      },
      find: async (id) => found(id),
      findByUid: async (uid) => found(names.get(`${model} ${uid}`)),
      findByUserCode: async (userCode) => found(names.get(`${model} ${userCode}`)),
      consume: async (id) => void rows.set(id, { ...rows.get(id), consumed: Math.floor(Date.now() / 1000) }),
      destroy: async (id) => void rows.delete(id),
      revokeByGrantId: async (grantId) => {
        for (const [id, row] of rows) if (row.grantId === grantId) rows.delete(id);
      },
    };
  };
}
