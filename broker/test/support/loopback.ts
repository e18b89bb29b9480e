import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net';
import { afterEach, expect } from 'vitest';
import { EgressError } from '../../src/core/errors.ts';
import type { GuardedFetch, OutboundRequest } from '../../src/http/egress.ts';
import { createGuardedFetch, type GuardedFetchOptions } from '../../src/http/guarded-fetch.ts';

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Listens on a free loopback port; counts connections, and closes with the test. */
export async function listen(server: Server | TcpServer, host = '127.0.0.1') {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  closers.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return { port, host: `${host}:${port}`, url: `http://${host}:${port}`, connections: () => connections };
}

export const serve = (listener: RequestListener) => listen(createServer(listener));
/** Answers every request with these bytes and leaves the connection open. */
export const serveBytes = (answer: (socket: Socket) => void) =>
  listen(createTcpServer((socket) => socket.once('data', () => answer(socket))));

export function guarded(
  options: Partial<GuardedFetchOptions> = {},
): (request: Partial<OutboundRequest>) => ReturnType<GuardedFetch> {
  const { fetch, close } = createGuardedFetch({ allow: [], ...options });
  closers.push(close);
  return (request) => fetch({ url: '', method: 'GET', timeoutMs: 3_000, maxBytes: 100_000, ...request });
}

/** The reason and the text of the failure; fails if there is none. */
export async function failureOf(answer: Promise<unknown>): Promise<{ reason: string; message: string }> {
  const error = await answer.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(EgressError);
  const { reason, message } = error as EgressError;
  return { reason, message };
}

/** A connection takes the next request one turn after it has given its answer. */
export const isIdle = () => new Promise((resolve) => setImmediate(resolve));

export const anyPort = 'loopback';
