import type { FastifyInstance } from 'fastify';

/** Counts requests whose headers have come and whose answers have not left, on whatever address they came. */
export function trackInFlight(server: FastifyInstance): { whenNone(): Promise<void> } {
  let count = 0;
  const waiting: (() => void)[] = [];
  server.addHook('onRequest', (_request, reply, done) => {
    count += 1;
    // `close` comes in any case: after the answer, or when the browser has gone away.
    reply.raw.once('close', () => {
      count -= 1;
      if (count === 0) for (const resolve of waiting.splice(0)) resolve();
    });
    done();
  });
  return {
    whenNone: () => (count === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  };
}
