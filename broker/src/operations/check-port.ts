import { createServer } from 'node:net';

/** Takes the port and lets go of it, so that a taken one is told before anything is written. Rejects as listen would. */
export function checkPort(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen({ host, port }, () => probe.close(() => resolve()));
  });
}
