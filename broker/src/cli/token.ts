import { Command } from 'commander';
import { toEpochSeconds } from '../core/clock.ts';
import type { TraceId } from '../core/ids.ts';
import { createLogId } from '../core/log-event.ts';
import { systemRandom } from '../core/random.ts';
import { parseScopes } from '../core/scope.ts';
import { signJwt } from '../issuer/jwt.ts';
import { createKeys } from '../issuer/keys.ts';
import type { ManagementDeps } from '../management/deps.ts';
import { endpointsOf } from '../management/management.ts';
import { scopesOf } from '../management/openapi.ts';
import type { Store } from '../store/store.ts';
import { createDirectory, type Snapshot } from '../tenant/directory.ts';
import type { Vault } from '../vault/vault.ts';
import { type CliDeps, CommandError } from './deps.ts';
import { withStore } from './with-store.ts';

type Options = { readonly scope?: string; readonly client?: string; readonly expires: string };

/** Auth0's most for this API. */
const maxSeconds = 2_592_000;

/** `portico token`: what the test application of Auth0's dashboard is for. Nothing is asked of a broker. */
export const tokenCommand = (deps: CliDeps): Command =>
  new Command('token')
    .description('makes an access token for the Management API and prints it; nobody can take it back')
    .option('--scope <scopes>', 'what it may do, space separated; without it everything')
    .option('--client <id>', 'in the name of this application, with what its client grant allows')
    .option('--expires <time>', 'how long it is good: 30m, 24h, 7d', '24h')
    .addHelpText(
      'after',
      '\nExamples:\n  curl -H "Authorization: Bearer $(portico token)" https://login.example.com/api/v2/connections\n  portico token --scope "read:connections read:clients" --expires 1h',
    )
    .action(async (options: Options) => {
      const token = await withStore(deps.readStoreSettings(), (opened) => makeToken(deps, opened, options));
      deps.write(token);
    });

type Opened = { readonly store: Store; readonly vault: Vault };

async function makeToken({ clock }: CliDeps, { store, vault }: Opened, options: Options): Promise<string> {
  const seconds = readSeconds(options.expires);
  const directory = createDirectory({ store, vault });
  const tenant = await directory.read();
  const audience = tenant.resourceServers.find(({ isSystem }) => isSystem)?.identifier;
  if (audience === undefined) throw new CommandError('there is no tenant yet: the broker has not been started');
  const scopes = choose(options.scope, allowedTo(options.client, tenant, audience));
  const clientId = options.client ?? 'portico-command-line';
  const now = clock.now();
  const { signing } = await createKeys({ store, directory, vault }).read();
  const issuedAt = toEpochSeconds(now);
  const token = await signJwt(signing, {
    iss: audience.replace(/api\/v2\/$/, ''),
    sub: `${clientId}@clients`,
    aud: audience,
    iat: issuedAt,
    exp: issuedAt + seconds,
    scope: scopes.join(' '),
    azp: clientId,
    gty: 'client-credentials',
    jti: systemRandom.id(''),
  });
  await store.write(
    store.logs.create({
      id: createLogId(systemRandom, now),
      type: 'sapi',
      at: now,
      traceId: systemRandom.id('tr_') as TraceId,
      clientId,
      connectionId: undefined,
      userId: undefined,
      userName: undefined,
      ip: undefined,
      userAgent: undefined,
      description: 'Make a token for the Management API on the command line',
      details: { subject: 'command line', scope: scopes.join(' '), expires_in: seconds },
    }),
  );
  return token;
}

/** What may be asked for: an application's client grant, or whatever an endpoint asks for. */
function allowedTo(client: string | undefined, tenant: Snapshot, audience: string): readonly string[] {
  // Making the endpoints asks nothing of what they are made with.
  if (client === undefined) return scopesOf(endpointsOf({} as ManagementDeps));
  const found = tenant.findClient(client);
  if (found === undefined) throw new CommandError(`there is no application ${client}`);
  const grant = tenant.findClientGrant(found.id, audience);
  if (grant === undefined) throw new CommandError(`${client} has no client grant for ${audience}`);
  return grant.scopes;
}

function choose(asked: string | undefined, allowed: readonly string[]): readonly string[] {
  if (asked === undefined) return allowed;
  const scopes = parseScopes(asked);
  const wrong = scopes.filter((scope) => !allowed.includes(scope));
  if (wrong.length > 0 || scopes.length === 0) throw new CommandError(`not a scope here: ${wrong.join(', ') || '""'}`);
  return scopes;
}

const units = { m: 60, h: 3_600, d: 86_400 } as const;

function readSeconds(text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const seconds = Number(count) * (units[unit as keyof typeof units] ?? 0);
  if (seconds > 0 && seconds <= maxSeconds) return seconds;
  throw new CommandError(`--expires is a time such as 30m, 24h or 7d, at most 30d; it is "${text}"`);
}
