import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHttpClient, type HttpClient } from '../load/http-client.ts';
import { concurrency } from '../load/lane.ts';
import { startPeer, stopAllProcesses } from '../processes/started-process.ts';

/** What every contestant is given: a directory of its own, the stub provider's address, a client to reach it with. */
export type Workplace = {
  readonly providerUrl: string;
  readonly http: HttpClient;
  directory(name: string): string;
};

/** Everything made here is gone afterwards: processes, connections, files. */
export async function inWorkplace<Result>(work: (workplace: Workplace) => Promise<Result>): Promise<Result> {
  const root = mkdtempSync(join(tmpdir(), 'portico-bench-'));
  const http = createHttpClient(concurrency);
  try {
    const provider = await startPeer({
      name: 'stub provider',
      file: join(import.meta.dirname, '../stub-provider.ts'),
      environment: {},
      logFile: join(root, 'stub-provider.log'),
    });
    return await work({
      providerUrl: `http://127.0.0.1:${provider.port}`,
      http,
      directory: (name) => mkdtempSync(join(root, `${name}-`)),
    });
  } finally {
    await http.close();
    await stopAllProcesses();
    rmSync(root, { recursive: true, force: true });
  }
}
