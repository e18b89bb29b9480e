import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { buildConnector, Agent as Dispatcher, setGlobalDispatcher } from 'undici';
import { afterAll, beforeAll, vi } from 'vitest';
import type { ClientWire } from '../../src/wire/management/clients.ts';
import type { SeedWire } from '../../src/wire/seed.ts';
import type { Agent } from './agent.ts';
import { readForm, readHandoff } from './applications.ts';
import { freePort } from './broker.ts';
import { startWorld, type World } from './world.ts';

/*
 * What the contract tests share: a broker that one application signs in through, on connections with a profile script.
 * The application's library is somebody else's, unmodified, and it is configured as its documentation says.
 */

export type ContractWorld = World & {
  /** Where the application will be; nothing listens there yet. */
  readonly app: string;
  readonly appPort: number;
  readonly callback: string;
  readonly issuer: string;
  /** The issuer without scheme, as libraries want it. */
  readonly domain: string;
  /** PEM, where the broker speaks TLS. */
  readonly authorityFile: string;
  /** What an application on https may serve with: the broker's own certificate. */
  readonly certificate: () => { readonly cert: Buffer; readonly key: Buffer };
};

export type ContractOptions = {
  /** Over the broker's own TLS; this process trusts its authority, as with NODE_EXTRA_CA_CERTS. */
  readonly isSecure: boolean;
  /** Called so, without a port: for libraries that take host names only. Known to this process alone. */
  readonly host?: string;
  /** Whether the application is on https, too. */
  readonly isAppSecure?: boolean;
  /** May say where it is. */
  readonly client?: Partial<ClientWire> | ((app: string) => Partial<ClientWire>);
  /** Has the last word on the seed. */
  readonly change?: (seed: Required<SeedWire>, issuerUrl: string) => void;
};

export const clientId = 'contract';
export const clientSecret = 'contract-secret-0123456789';
/** Its script signs in whom the provider knows. */
export const connection = 'scripted';
/** Who that is. */
export const subject = 'oauth2|scripted|user-1';
/** A second API beside the world's; its tokens live for an hour. */
export const otherAudience = 'https://other.example.com/';
/** Its script calls back with an error. */
export const brokenConnection = 'broken';
/** What the application reads then. */
export const brokenAnswer = { error: 'invalid_request', description: 'Failed to fetch user profile' };

const brokenScript = `function (accessToken, ctx, callback) { callback(new Error('${brokenAnswer.description}')); }`;

export async function startContract({
  isSecure,
  host,
  isAppSecure = false,
  client: given = {},
  change: changeLast,
}: ContractOptions): Promise<ContractWorld> {
  const appPort = await freePort();
  const app = `${isAppSecure ? 'https' : 'http'}://localhost:${appPort}`;
  const callback = `${app}/callback`;
  const client = typeof given === 'function' ? given(app) : given;
  const tlsDir = mkdtempSync(join(tmpdir(), 'portico-contract-'));
  const world = await startWorld({
    environment: {
      ...(isSecure ? { PORTICO_TLS: 'self-signed', PORTICO_TLS_DIR: tlsDir } : {}),
      ...(host === undefined ? {} : { PORTICO_ISSUER: `https://${host}/` }),
    },
    change(seed, issuerUrl) {
      const scripted = seed.connections.filter(({ name }) => name === connection);
      const broken = scripted.map((each) => ({
        ...each,
        name: brokenConnection,
        options: { ...each.options, scripts: { fetchUserProfile: brokenScript } },
      }));
      seed.connections = [...scripted, ...broken].map((each) => ({ ...each, enabled_clients: [clientId] }));
      seed.resource_servers.push({
        identifier: otherAudience,
        name: 'Others',
        scopes: [{ value: 'read:others' }],
        allow_offline_access: true,
        token_lifetime: 3600,
        token_lifetime_for_web: 3600,
      });
      seed.clients.push({
        client_id: clientId,
        ...(hasSecret(client) ? { client_secret: clientSecret } : {}),
        name: 'Contract',
        app_type: 'regular_web',
        callbacks: [callback, app, `${app}/auth/callback`],
        allowed_logout_urls: [app],
        web_origins: [app],
        grant_types: ['authorization_code', 'implicit', 'refresh_token'],
        ...client,
      });
      changeLast?.(seed, issuerUrl);
    },
  });
  const authorityFile = join(tlsDir, 'authority.pem');
  if (isSecure) setDefaultCACertificates([...getCACertificates('default'), readFileSync(authorityFile, 'utf8')]);
  if (host !== undefined) leadTo(host, world.broker.port);
  const issuer = world.broker.issuerUrl;
  return {
    ...world,
    app,
    appPort,
    callback,
    issuer,
    domain: new URL(issuer).host,
    authorityFile,
    certificate: () => ({
      cert: readFileSync(join(tlsDir, 'server.pem')),
      key: readFileSync(join(tlsDir, 'server-key.pem')),
    }),
    async close() {
      await world.close();
      rmSync(tlsDir, { recursive: true });
    },
  };
}

const hasSecret = ({ app_type: type, client_authentication_methods: methods }: Partial<ClientWire>): boolean =>
  type !== 'spa' && type !== 'native' && methods === undefined;

/** What a name server and a proxy on port 443 would do. */
function leadTo(host: string, port: number): void {
  const connect = buildConnector({});
  const dispatcher = new Dispatcher({
    connect(options, callback) {
      const isOurs = options.hostname === host;
      connect(isOurs ? { ...options, hostname: 'localhost', port: String(port), servername: host } : options, callback);
    },
  });
  setGlobalDispatcher(dispatcher);
}

/** One for all tests of a file. */
export function useContract(options: ContractOptions): () => ContractWorld {
  let world: ContractWorld | undefined;
  beforeAll(async () => {
    world = await startContract(options);
  });
  afterAll(() => world?.close());
  return () => {
    if (world === undefined) throw new Error('the world starts with the first test');
    return world;
  };
}

/** Some libraries send no hint of whose session it is: the person has the last word, and presses the button. Where to then. */
export async function confirmSignOut(agent: Agent, url: URL): Promise<string> {
  const page = await agent.get(url.href);
  const { action, fields } = readForm(page.body);
  return readHandoff((await agent.post(action, { ...fields })).body);
}

/** What the library threw; undefined if it did not. */
export const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

/** For the library and the broker alike, until real timers are back: tokens of an hour end, sessions go on. */
export function passTwoHours(): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 7_200_000 });
}
