import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../../core/clock.ts';
import type { TraceId } from '../../core/ids.ts';
import type { JsonObject } from '../../core/json.ts';
import { createGuardedFetch } from '../../http/guarded-fetch.ts';
import { createSandbox } from '../create-sandbox.ts';
import type { Sandbox, SandboxLimits, Script, ScriptRun } from '../sandbox.ts';

/** For tests: the real sandbox with real hosts, and a server on loopback for its scripts to ask. */
export type SandboxWorld = {
  readonly sandbox: Sandbox;
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  readonly events: { readonly event: string; readonly fields: JsonObject }[];
  /** As a profile script. */
  run(source: string, context?: JsonObject): Promise<ScriptRun>;
  runScript(script: Pick<Script, 'source' | 'entry'> & Partial<Script>): Promise<ScriptRun>;
  close(): Promise<void>;
};

export const testLimits: SandboxLimits = {
  hosts: 1,
  wallMs: 4000,
  cpuMs: 1000,
  memoryMb: 32,
  maxOutputBytes: 100_000,
  maxConsoleLines: 20,
  maxRequests: 25,
  maxResponseBytes: 10 * 1024 * 1024,
  maxQueue: 200,
};

export const accessToken = 'upstream-access-token-1';

export async function startSandboxWorld(
  answer: (request: IncomingMessage, response: ServerResponse, body: string) => void,
  limits: Partial<SandboxLimits> = {},
): Promise<SandboxWorld> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => answer(request, response, Buffer.concat(chunks).toString('utf8')));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const guarded = createGuardedFetch({ allow: [`127.0.0.1:${port}`] });
  const events: { event: string; fields: JsonObject }[] = [];
  const sandbox = createSandbox({
    fetch: guarded.fetch,
    clock: systemClock,
    limits: { ...testLimits, ...limits },
    log: (event, fields) => events.push({ event, fields }),
  });
  await sandbox.ready();
  const runScript: SandboxWorld['runScript'] = (script) =>
    sandbox.run({
      filename: 'streamly.fetchUserProfile.js',
      secrets: [accessToken],
      trace: { id: 'trace' as TraceId, record: () => undefined },
      ...script,
    });
  return {
    sandbox,
    origin: `http://127.0.0.1:${port}`,
    events,
    run: (source, context = {}) =>
      runScript({ source, entry: { kind: 'callback', arguments: [accessToken, context] } }),
    runScript,
    async close() {
      await sandbox.close();
      await guarded.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
