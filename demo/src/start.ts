import { randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { createApi } from './api/api.ts';
import { createApp } from './app/app.ts';
import { type Broker, startBroker, untilReady } from './broker-process.ts';
import { makeConnections, makeServices } from './connections.ts';
import { type Kept, keepSecrets, writePrivate } from './kept.ts';
import { checkPorts, closeAll, listen } from './listen.ts';
import { createProvider } from './provider/provider.ts';
import { readyText } from './ready.ts';
import { makeSeed } from './seed.ts';
import { DemoError, type DemoSettings, readSettings } from './settings.ts';

/*
 * `npm start`: the world the guide describes, on loopback. Two streaming services, a single-page app, an API, and the
 * broker between them as a process of its own.
 */

const neededPorts = ({ brokerPort, app, api, provider }: DemoSettings) => [
  { port: brokerPort, purpose: 'Portico', variable: 'PORTICO_PORT' },
  { port: app.port, purpose: 'the application', variable: 'PORTICO_DEMO_PORT' },
  { port: api.port, purpose: 'the API', variable: 'PORTICO_DEMO_PORT (this is the one after it)' },
  {
    port: provider.port,
    purpose: 'the streaming services',
    variable: 'PORTICO_DEMO_PORT (this is the second after it)',
  },
];

async function startWorld(kept: Kept, settings: DemoSettings): Promise<Server[]> {
  const provider = createProvider({
    services: Object.values(makeServices(kept, settings)),
    publicUrl: settings.provider.url,
    accessTokenSeconds: 3600,
    now: () => Date.now(),
    token: () => randomBytes(32).toString('base64url'),
  });
  const api = createApi({ issuer: settings.issuer, audience: settings.audience, appUrl: settings.app.url });
  const app = await createApp({
    domain: settings.issuer.replace(/\/$/, ''),
    clientId: kept.spa.id,
    audience: settings.audience,
    apiUrl: settings.api.url,
    connections: makeConnections(kept, settings).map((each) => ({ name: each.name, displayName: each.display_name })),
  });
  const servers = [
    await listen(provider, settings.provider.port),
    await listen(api, settings.api.port),
    await listen(app, settings.app.port),
  ];
  return servers.flat();
}

const brokerEnvironment = (settings: DemoSettings, seedFile: string): NodeJS.ProcessEnv => ({
  // A person at a terminal wants the ready text, not a line for every request.
  PORTICO_LOG_LEVEL: 'warn',
  ...process.env,
  PORTICO_ISSUER: settings.issuer,
  PORTICO_PORT: String(settings.brokerPort),
  PORTICO_DATA_DIR: settings.dataDir,
  PORTICO_SEED: seedFile,
  PORTICO_EGRESS_ALLOW: 'loopback',
});

/** For tools and tests that want to use the running demo. */
const describe = (kept: Kept, settings: DemoSettings) => ({
  issuer: settings.issuer,
  app_url: settings.app.url,
  api_url: settings.api.url,
  provider_url: settings.provider.url,
  spa: { client_id: kept.spa.id },
  management: { client_id: kept.management.id, client_secret: kept.management.secret },
  connections: makeConnections(kept, settings).map((each) => each.name),
});

const stopPatienceMs = 15_000;

/** A signal stops the broker, which finishes its requests; its end ends the demo. */
function stopOnSignals(broker: Broker): { readonly isAsked: boolean } {
  const stop = { isAsked: false };
  const ask = () => {
    // Ctrl-C reaches us twice: from the terminal and from npm.
    if (stop.isAsked) return;
    stop.isAsked = true;
    broker.stop();
    setTimeout(broker.kill, stopPatienceMs).unref();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, ask);
  return stop;
}

async function main(): Promise<number> {
  const settings = readSettings(process.env);
  await checkPorts(neededPorts(settings));
  const kept = keepSecrets(settings);
  const seedFile = join(settings.dataDir, 'demo-seed.json');
  writePrivate(seedFile, makeSeed(kept, settings));

  const servers = await startWorld(kept, settings);
  const broker = startBroker(brokerEnvironment(settings, seedFile));
  process.once('exit', broker.kill);
  const stop = stopOnSignals(broker);
  try {
    await untilReady(broker, settings);
    writePrivate(join(settings.dataDir, 'demo.json'), describe(kept, settings));
    process.stdout.write(readyText(settings));
    const code = await broker.exited;
    throw new DemoError(`Portico ended with exit code ${code}; the demo ends with it.`);
  } catch (error) {
    if (stop.isAsked) return 0;
    throw error;
  } finally {
    await closeAll(servers);
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof DemoError)) throw error;
  process.stderr.write(`\n${error.message}\n`);
  process.exitCode = 1;
}
