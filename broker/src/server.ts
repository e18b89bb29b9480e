import { createActions } from './actions/actions.ts';
import type { Config } from './config.ts';
import { createAttemptLimit } from './core/attempt-limit.ts';
import { addSeconds, type Clock, systemClock } from './core/clock.ts';
import { type Random, systemRandom } from './core/random.ts';
import { createRateLimits } from './http/create-rate-limits.ts';
import { createGuardedFetch } from './http/guarded-fetch.ts';
import { limitStrangers } from './http/limit-strangers.ts';
import { createListener } from './http/listen.ts';
import { createOwnerOf } from './http/network-of.ts';
import { createRespondError } from './http/respond-error.ts';
import { createClientAuthentication } from './issuer/authenticate-client.ts';
import { createCrossOriginHeaders } from './issuer/cross-origin.ts';
import { createProofOfPossession } from './issuer/dpop/proof-of-possession.ts';
import { createKeys } from './issuer/keys.ts';
import { createBackChannel } from './issuer/logout/back-channel.ts';
import { createMinter } from './issuer/mint.ts';
import { issuerRoutes } from './issuer/routes.ts';
import { createSessions } from './issuer/sessions.ts';
import { createTokenSecrets } from './issuer/token-secrets.ts';
import { createAttempts } from './login/attempts.ts';
import { createBrowsers } from './login/browsers.ts';
import { createErrorReply } from './login/error-reply.ts';
import { createEvents } from './login/events.ts';
import { createLimitEvents } from './login/limit-events.ts';
import { loginRoutes } from './login/routes.ts';
import { countLogins } from './management/count-logins.ts';
import { createJobs } from './management/jobs/jobs.ts';
import { createManagement } from './management/management.ts';
import { checkPort } from './operations/check-port.ts';
import { cleanUp } from './operations/clean-up.ts';
import { createLog, type Log } from './operations/log.ts';
import { createMetrics } from './operations/metrics.ts';
import { operationsRoutes } from './operations/routes.ts';
import { createSandboxWithModules } from './sandbox/allowed-modules.ts';
import { createIsBundled } from './sandbox/bundled-names.ts';
import { createSandbox } from './sandbox/create-sandbox.ts';
import { createRecordingSandbox } from './sandbox/recording-sandbox.ts';
import { setUpTenant } from './setup/setup.ts';
import { openStore } from './store/open-store.ts';
import type { Store } from './store/store.ts';
import { createDirectory } from './tenant/directory.ts';
import { type Certificates, createCertificates } from './tls/certificates.ts';
import { createUpstream } from './upstream/create-upstream.ts';
import { createUsers } from './users/users.ts';
import { createVault } from './vault/vault.ts';

/** The only place where rooms meet. */
export type Server = {
  readonly port: number;
  readonly issuerUrl: string;
  readonly store: Store;
  readonly hostPids: () => readonly number[];
  /** Requests under way finish, then hosts and database close. */
  stop(): Promise<void>;
};

/** For tests: a settable clock, fixed randomness, a log that is read. */
export type Surroundings = { readonly clock?: Clock; readonly random?: Random; readonly log?: Log };

/** Auth0: subject tokens that are rejected, by address, before an hour of pause. */
const exchangeAttempts = { max: 10, windowSeconds: 3_600 };
const purgeEveryMs = 60_000;
const purgeRows = 5_000;

export async function startServer(config: Config, surroundings: Surroundings = {}): Promise<Server> {
  const clock = surroundings.clock ?? systemClock;
  const random = surroundings.random ?? systemRandom;
  const log = surroundings.log ?? createLog(config.logLevel);
  const { issuerUrl, isSecure } = config;
  await checkPort(config.host, config.port);
  const certificates =
    config.tls?.kind === 'self-signed' ? openCertificates(config.tls, { issuerUrl, clock, log }) : undefined;

  const store = await openStore({
    url: config.databaseUrl,
    onError: (error) => log('error', { error: String(error) }, 'database trouble'),
  });
  const vault = createVault({ keyring: config.keyring });
  const egress = createGuardedFetch({ allow: config.egressAllow.split(',').filter((entry) => entry.trim() !== '') });
  const limits = {
    ...config.scriptLimits,
    wallMs: config.scriptTimeoutMs,
    hosts: config.scriptHosts,
  };
  const isBundledModule = createIsBundled();
  const sandbox = createRecordingSandbox(
    createSandbox({
      fetch: egress.fetch,
      clock,
      limits,
      needsAllWalls: config.needsAllWalls,
      log: (event, fields) => log('info', fields, event),
    }),
    limits,
  );
  let isStopping = false;
  const release = async () => {
    await sandbox.close();
    await egress.close();
    await store.close();
  };
  try {
    const wasEmpty = await setUpTenant({
      store,
      vault,
      clock,
      random,
      issuerUrl,
      seed: config.seed,
      isBundledModule,
    });
    if (wasEmpty) log('info', {}, 'the tenant was empty and has been set up');
    await sandbox.ready();

    const metrics = createMetrics();
    const directory = createDirectory({ store, vault });
    const scripts = createSandboxWithModules(sandbox, {
      read: async () => (await directory.read()).scripts.modules,
      isBundled: isBundledModule,
    });
    const keys = createKeys({ store, directory, vault });
    const secrets = createTokenSecrets({ vault });
    const minter = createMinter({ keys, secrets, random, issuerUrl });
    const authenticateClient = createClientAuthentication({ directory, store, clock, issuerUrl });
    const proofs = createProofOfPossession({ store, keys, clock, issuerUrl });
    const backChannel = createBackChannel({
      store,
      directory,
      keys,
      fetch: egress.fetch,
      clock,
      random,
      issuerUrl,
      log,
    });
    const sessions = createSessions({ store, clock, random, isSecure, afterEnd: backChannel.kick });
    const upstream = createUpstream({
      fetch: egress.fetch,
      sandbox: scripts,
      clock,
      limits: { timeoutMs: config.upstreamTimeoutMs },
      readSettings: async () => (await directory.read()).settings,
    });
    const users = createUsers({ store, vault, clock });
    const actions = createActions({ store, vault, sandbox: scripts, clock, issuerUrl });
    const browsers = createBrowsers({ random, isSecure });
    const events = createEvents({ store, clock, random, log, countSignIn: metrics.countSignIn });
    const limitEvents = createLimitEvents({ events, clock });
    const attempts = createAttempts({ store, vault, clock, retentionHours: config.attemptRetentionHours });
    const [tenant] = await Promise.all([directory.read(), keys.read()]);
    warnOfRules(log, tenant.scripts.rules.length);

    const jobs = createJobs({ store, directory, vault, clock, random, log });
    const showError = createErrorReply({ directory, issuerUrl });
    const rateLimits = createRateLimits({
      clock,
      managementRate: config.managementRate,
      addressRate: config.addressRate,
      sharedBuckets: (id, pace, now) => store.write(store.rateBuckets.spend({ id, ...pace }, now)),
    });
    const listener = createListener({
      routes: limitStrangers(rateLimits.strangers, [
        ...loginRoutes({
          store,
          directory,
          upstream,
          users,
          actions,
          sessions,
          browsers,
          minter,
          keys,
          showError,
          authenticateClient,
          proofs,
          events,
          attempts,
          clock,
          random,
          issuerUrl,
        }),
        ...issuerRoutes({
          store,
          directory,
          keys,
          secrets,
          minter,
          actions,
          sessions,
          authenticateClient,
          proofs,
          clock,
          random,
          issuerUrl,
          keepAttempt: attempts.keep,
          findLogoutUrl: upstream.logoutUrl,
          log,
          countToken: metrics.countToken,
          events,
          logsTokens: config.logsTokens,
          users,
          exchangeLimit: createAttemptLimit({ clock, ...exchangeAttempts }),
        }),
        ...createManagement({
          store,
          directory,
          vault,
          keys,
          clock,
          random,
          issuerUrl,
          isBundledModule,
          log,
          limits: rateLimits.management,
          tellLimit: limitEvents.tell,
          tellApplications: backChannel.kick,
          startJobs: jobs.kick,
        }),
        ...operationsRoutes({
          ping: store.ping,
          metrics,
          metricsDoor: { token: config.metricsToken, issuerUrl },
          isStopping: () => isStopping,
        }),
      ]),
      random,
      respondError: limitEvents.recording(createRespondError({ log, renderPage: showError })),
      crossOriginHeaders: createCrossOriginHeaders(directory),
      observe: metrics.observeRequest,
      tls: config.tls?.kind === 'given' ? config.tls : certificates?.current,
      trustProxy: config.trustProxy,
      maxConnections: config.maxConnections,
      ownerOf: createOwnerOf(config.trustProxy),
    });
    const port = await listener.listen(config.host, config.port);
    jobs.kick();
    const purging = setInterval(() => {
      const now = clock.now();
      certificates?.renew(listener.useCertificate);
      countLogins(store, now).catch((error: Error) =>
        log('warn', { error: error.message }, 'counting sign-ins failed'),
      );
      const logsBefore = addSeconds(now, -config.logRetentionDays * 86_400);
      const purge = (rows: number) => store.purgeExpired(now, rows, logsBefore);
      cleanUp({ purge, isStopping: () => isStopping }, purgeRows).catch((error: Error) =>
        log('warn', { error: error.message }, 'purge failed'),
      );
    }, purgeEveryMs);
    purging.unref();
    log('info', { issuer: issuerUrl, port, database: store.dialect }, 'ready');

    return {
      port,
      issuerUrl,
      store,
      hostPids: sandbox.hostPids,
      async stop() {
        isStopping = true;
        clearInterval(purging);
        await backChannel.stop();
        await listener.close();
        await jobs.stop();
        await release();
      },
    };
  } catch (error) {
    await release();
    throw error;
  }
}

/** Says how to trust them, at every start: nothing works before that is done. */
function openCertificates(
  { directory }: { readonly directory: string },
  { log, ...deps }: { readonly issuerUrl: string; readonly clock: Clock; readonly log: Log },
): Certificates {
  const onError = (error: unknown) => log('warn', { error: String(error) }, 'the certificate was not renewed');
  const certificates = createCertificates({ directory, onError, ...deps });
  const { authorityFile } = certificates.current;
  log(
    'warn',
    { for_node: `NODE_EXTRA_CA_CERTS=${authorityFile}`, for_browsers: `import ${authorityFile} as an authority` },
    'TLS is self-signed, for development only',
  );
  return certificates;
}

/** Auth0 ended Rules; here they go on, so that a tenant can move in its own time. */
function warnOfRules(log: Log, count: number): void {
  if (count === 0) return;
  log('warn', { rules: count }, 'Rules are enabled. Auth0 ended them on 2026-11-18; Actions do what they did');
}
