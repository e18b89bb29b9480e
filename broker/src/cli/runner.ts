import type { Clock } from '../core/clock.ts';
import type { TraceId } from '../core/ids.ts';
import type { StoredModule } from '../core/module.ts';
import type { KeptRun } from '../core/trace.ts';
import { createGuardedFetch } from '../http/guarded-fetch.ts';
import { createSandboxWithModules } from '../sandbox/allowed-modules.ts';
import { createIsBundled } from '../sandbox/bundled-names.ts';
import { createSandbox } from '../sandbox/create-sandbox.ts';
import { createRecordingSandbox, type RecordedRun } from '../sandbox/recording-sandbox.ts';
import type { Script } from '../sandbox/sandbox.ts';
import { scriptLimits } from '../sandbox/script-limits.ts';
import { CommandError, type ScriptSettings } from './deps.ts';

export type RunScript = (script: Omit<Script, 'trace'>) => Promise<RecordedRun>;

type RunnerSettings = ScriptSettings & {
  readonly clock: Clock;
  /** For scripts that come without a list of their own. */
  readonly modules?: readonly StoredModule[];
};

/** The broker's own sandbox and its guarded way out, for as long as `work` takes. */
export async function withRunner<Result>(
  { egressAllow, scriptTimeoutMs, clock, modules = [] }: RunnerSettings,
  work: (run: RunScript) => Promise<Result>,
): Promise<Result> {
  const limits = { ...scriptLimits, wallMs: scriptTimeoutMs, hosts: 1 };
  const egress = createGuardedFetch({ allow: egressAllow.split(',').filter((entry) => entry.trim() !== '') });
  const recording = createRecordingSandbox(createSandbox({ fetch: egress.fetch, clock, limits }), limits);
  const sandbox = createSandboxWithModules(recording, { read: async () => modules, isBundled: createIsBundled() });
  try {
    await sandbox.ready();
    return await work(async (script) => {
      const kept: object[] = [];
      const trace = {
        id: 'command-line' as TraceId,
        record: () => undefined,
        keepRun: (keep: KeptRun) => kept.push(keep()),
      };
      await sandbox.run({ ...script, trace });
      const [run] = kept as RecordedRun[];
      if (run === undefined) throw new CommandError('the run left no record');
      return run;
    });
  } finally {
    await sandbox.close();
    await egress.close();
  }
}
