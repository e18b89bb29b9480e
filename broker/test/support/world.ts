import { createHash, randomBytes } from 'node:crypto';
import { request } from 'undici';
import { expect } from 'vitest';
import type { Log } from '../../src/operations/log.ts';
import type { SeedWire } from '../../src/wire/seed.ts';
import { type Agent, type Answer, createAgent } from './agent.ts';
import { type Broker, startBroker } from './broker.ts';
import { type Provider, type ProviderOptions, startProvider } from './provider.ts';

/*
 * A provider, a broker with one of everything, and the moves that flow tests are made of.
 */

export const callback = 'https://app.example.com/callback';
export const spaCallback = 'https://spa.example.com';
export const audience = 'https://api.example.com/';
export const webSecret = 'web-secret-0123456789';
export const machineSecret = 'machine-secret-0123456789';

export type World = {
  readonly provider: Provider;
  readonly broker: Broker;
  close(): Promise<void>;
};

/** What a move needs of a world: where the broker is, in this process or in one of its own. */
export type Reachable = { readonly broker: Pick<Broker, 'url'> };

export type WorldOptions = {
  readonly databaseUrl?: string | undefined;
  readonly provider?: ProviderOptions;
  /** Changes the seed before it is applied. */
  readonly change?: (seed: Required<SeedWire>, issuerUrl: string) => void;
  readonly environment?: Readonly<Record<string, string>>;
  /** In place of the broker's `logs`. */
  readonly log?: Log;
};

const webGrants = ['authorization_code', 'implicit', 'refresh_token'];

export function seedFor(provider: Provider): Required<SeedWire> {
  return {
    tenant: {},
    branding: {},
    resource_servers: [
      { identifier: audience, name: 'Streaming', scopes: [{ value: 'read:shows' }], allow_offline_access: true },
    ],
    clients: [
      {
        client_id: 'web',
        client_secret: webSecret,
        name: 'Web application',
        app_type: 'regular_web',
        callbacks: [callback, 'https://app.example.com/other'],
        allowed_logout_urls: ['https://app.example.com/bye'],
        grant_types: webGrants,
      },
      {
        client_id: 'spa',
        name: 'Single-page application',
        app_type: 'spa',
        callbacks: [spaCallback],
        web_origins: [spaCallback],
        allowed_logout_urls: [spaCallback],
        grant_types: webGrants,
        refresh_token: { rotation_type: 'rotating', expiration_type: 'expiring' },
      },
      {
        client_id: 'machine',
        client_secret: machineSecret,
        name: 'Machine',
        app_type: 'non_interactive',
        grant_types: ['client_credentials'],
      },
    ],
    client_grants: [{ client_id: 'machine', audience, scope: ['read:shows'] }],
    actions: [],
    token_exchange_profiles: [],
    rules: [],
    rules_configs: [],
    connections: [
      {
        name: 'mapped',
        strategy: 'oauth2',
        display_name: 'Mapped provider',
        enabled_clients: ['web', 'spa'],
        options: {
          client_id: 'portico-at-provider',
          client_secret: 'provider-secret',
          authorizationURL: `${provider.url}/authorize`,
          tokenURL: `${provider.url}/token`,
          userInfoURL: `${provider.url}/userinfo`,
          scope: 'profile email',
          pkce_enabled: true,
          profileMapping: {
            user_id: 'id',
            email: 'email',
            email_verified: 'email_verified',
            name: 'name',
            picture: 'avatar.url',
          },
        },
      },
      {
        name: 'scripted',
        strategy: 'oauth2',
        display_name: 'Scripted provider',
        enabled_clients: ['web', 'spa'],
        options: {
          client_id: 'portico-at-provider',
          client_secret: 'provider-secret',
          authorizationURL: `${provider.url}/authorize`,
          tokenURL: `${provider.url}/token`,
          scope: 'profile email',
          scripts: {
            fetchUserProfile: `function (accessToken, ctx, callback) {
  request.get({ url: '${provider.url}/userinfo', headers: { Authorization: 'Bearer ' + accessToken }, json: true },
    function (error, response, body) {
      if (error) return callback(error);
      if (response.statusCode !== 200) return callback(new Error('Failed to fetch user profile'));
      callback(null, { user_id: body.id, email: body.email, email_verified: body.email_verified, name: body.name,
        user_metadata: { seen: true } });
    });
}`,
          },
        },
      },
    ],
  };
}

export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const provider = await startProvider(options.provider);
  const seed = (issuerUrl: string): SeedWire => {
    const content = seedFor(provider);
    options.change?.(content, issuerUrl);
    return content;
  };
  const broker = await startBroker({
    seed,
    databaseUrl: options.databaseUrl,
    log: options.log,
    ...(options.environment === undefined ? {} : { environment: options.environment }),
  });
  return {
    provider,
    broker,
    async close() {
      await broker.close();
      await provider.close();
    },
  };
}

export type Pkce = { readonly verifier: string; readonly challenge: string };

export function createPkce(): Pkce {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

/** The address of an /authorize request; undefined values are left out. */
export function authorizeUrl(
  { broker }: Reachable,
  parameters: Readonly<Record<string, string | undefined>> = {},
): string {
  const complete: Record<string, string | undefined> = {
    client_id: 'web',
    response_type: 'code',
    redirect_uri: callback,
    scope: 'openid profile email',
    state: 'app-state',
    connection: 'mapped',
    ...parameters,
  };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(complete)) if (value !== undefined) query.set(name, value);
  return `${broker.url('authorize')}?${query}`;
}

/** What came back at the redirect URI, query and fragment together. */
export function answerParameters(answer: Answer): Record<string, string> {
  const url = new URL(answer.location ?? 'missing:');
  return Object.fromEntries([...url.searchParams, ...new URLSearchParams(url.hash.slice(1))]);
}

/** A whole road from /authorize to the redirect URI. */
export async function signIn(
  world: Reachable,
  parameters: Readonly<Record<string, string | undefined>> = {},
  agent: Agent = createAgent(),
): Promise<{ readonly agent: Agent; readonly answer: Record<string, string> }> {
  const redirectUri = parameters.redirect_uri ?? callback;
  const last = await agent.follow(authorizeUrl(world, parameters), redirectUri);
  expect(last.location, last.body).toBeDefined();
  return { agent, answer: answerParameters(last) };
}

export type TokenResponse = {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly headers: Record<string, unknown>;
};

/** `POST /oauth/token` as a form; `authorization` for Basic. */
export async function postToken(
  { broker }: Reachable,
  form: Readonly<Record<string, string | undefined>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<TokenResponse> {
  const body = new URLSearchParams();
  for (const [name, value] of Object.entries(form)) if (value !== undefined) body.set(name, value);
  const response = await request(broker.url('oauth/token'), {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: body.toString(),
  });
  const text = await response.body.text();
  return { status: response.statusCode, headers: response.headers, body: text === '' ? {} : JSON.parse(text) };
}

export const redeem = (
  world: Reachable,
  code: string | undefined,
  more: Readonly<Record<string, string | undefined>> = {},
) =>
  postToken(world, {
    grant_type: 'authorization_code',
    client_id: 'web',
    client_secret: webSecret,
    redirect_uri: callback,
    code,
    ...more,
  });
