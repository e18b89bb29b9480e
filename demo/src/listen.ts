import { createServer, type RequestListener, type Server } from 'node:http';
import { DemoError } from './settings.ts';

const hosts = ['127.0.0.1', '::1'];
const isCode = (error: unknown, ...codes: string[]): boolean =>
  error instanceof Error && 'code' in error && codes.includes(String(error.code));

function listenOn(listener: RequestListener, port: number, host: string): Promise<Server | undefined> {
  const server = createServer(listener);
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      // A machine without IPv6 has no ::1.
      if (host === '::1' && isCode(error, 'EADDRNOTAVAIL', 'EAFNOSUPPORT')) resolve(undefined);
      else reject(error);
    });
    server.listen(port, host, () => resolve(server));
  });
}

export function closeAll(servers: readonly Server[]): Promise<unknown> {
  return Promise.all(
    servers.map((server) => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      return closed;
    }),
  );
}

/** Both loopback addresses, because `localhost` may mean either. */
export async function listen(listener: RequestListener, port: number): Promise<Server[]> {
  const servers: Server[] = [];
  try {
    for (const host of hosts) {
      const server = await listenOn(listener, port, host);
      if (server) servers.push(server);
    }
  } catch (error) {
    await closeAll(servers);
    throw error;
  }
  return servers;
}

async function isTaken(port: number): Promise<boolean> {
  try {
    await closeAll(await listen(() => {}, port));
    return false;
  } catch (error) {
    if (isCode(error, 'EADDRINUSE', 'EACCES')) return true;
    throw error;
  }
}

export type NeededPort = { readonly port: number; readonly purpose: string; readonly variable: string };

/** All ports that are not free are named at once, with the variable that changes each. */
export async function checkPorts(needed: readonly NeededPort[]): Promise<void> {
  const taken: NeededPort[] = [];
  for (const each of needed) if (await isTaken(each.port)) taken.push(each);
  if (taken.length === 0) return;
  const lines = taken.map(
    ({ port, purpose, variable }) => `  - port ${port} (${purpose}) is taken; set ${variable} to another one`,
  );
  throw new DemoError(`The demo cannot start:\n${lines.join('\n')}`);
}
