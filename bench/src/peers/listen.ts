import { createServer, type RequestListener } from 'node:http';

/**
 * Listens on loopback and reports to the benchmark, see startPeer. `handlerFor` is told the address first, since
 * servers put it into what they answer.
 */
export function listen(handlerFor: (origin: string) => RequestListener | Promise<RequestListener>): void {
  process.on('disconnect', () => process.exit());
  process.on('SIGTERM', () => process.exit());
  let handler: RequestListener | undefined;
  const server = createServer((request, response) => handler?.(request, response));
  // Contestants take turns: a connection must live through the turns of the others.
  server.keepAliveTimeout = 60_000;
  server.listen(Number(process.env.BENCH_PORT ?? 0), '127.0.0.1', async () => {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    handler = await handlerFor(`http://127.0.0.1:${address.port}`);
    process.send?.({ port: address.port });
  });
}
