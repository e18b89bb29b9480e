import { systemClock } from '../../../broker/src/core/clock.ts';
import type { TraceId } from '../../../broker/src/core/ids.ts';
import { createSandbox } from '../../../broker/src/sandbox/create-sandbox.ts';
import type { Sandbox, Script } from '../../../broker/src/sandbox/sandbox.ts';
import { scriptLimits } from '../../../broker/src/sandbox/script-limits.ts';
import { accessToken, type ScriptWorld } from './script-world.ts';

/** The broker's sandbox with its limits as they are by default. */
export async function sandboxRunner(
  { source, fetch }: ScriptWorld,
  hosts: number,
): Promise<{ readonly sandbox: Sandbox; run(): Promise<void> }> {
  const sandbox = createSandbox({ fetch, clock: systemClock, limits: { ...scriptLimits, wallMs: 20_000, hosts } });
  await sandbox.ready();
  const script: Script = {
    source,
    filename: 'bench.fetchUserProfile.js',
    entry: { kind: 'callback', arguments: [accessToken, {}] },
    secrets: [accessToken],
    trace: { id: 'bench' as TraceId, record: () => undefined },
  };
  return {
    sandbox,
    async run() {
      const { outcome } = await sandbox.run(script);
      if (!outcome.ok) throw new Error(`the script failed: ${outcome.message}`);
    },
  };
}
