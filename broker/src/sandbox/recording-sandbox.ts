import { isJsonObject, type Json } from '../core/json.ts';
import type { ModulePin } from '../core/module.ts';
import { createRedact, type Redact } from './redact.ts';
import type { ConsoleLine, Exchange, Sandbox, SandboxLimits, Script, ScriptEntry, ScriptOutcome } from './sandbox.ts';
import { listSecrets } from './script-secrets.ts';

/** A run as it is kept with its attempt: enough to read what happened, and to run it again. */
export type RecordedRun = {
  readonly filename: string;
  readonly source: string;
  /** Its secrets are a placeholder. */
  readonly entry: ScriptEntry;
  /** The npm modules that it had; their texts are not kept. */
  readonly modules: readonly ModulePin[];
  readonly outcome: ScriptOutcome;
  readonly consoleLines: readonly ConsoleLine[];
  readonly exchanges: readonly Exchange[];
  readonly ms: number;
  readonly limits: SandboxLimits;
};

/** The sandbox, with every run kept in the trace of its sign-in. */
export const createRecordingSandbox = (sandbox: Sandbox, limits: SandboxLimits): Sandbox => ({
  ...sandbox,
  async run(script) {
    const run = await sandbox.run(script);
    const { outcome, consoleLines, exchanges, ms } = run;
    script.trace.keepRun?.({ ...describe(script, outcome), consoleLines, exchanges, ms, limits } satisfies RecordedRun);
    return run;
  },
});

function describe(script: Script, outcome: ScriptOutcome) {
  const { source, filename, entry, modules = {} } = script;
  const redact = createRedact(listSecrets(script));
  return {
    filename,
    source,
    // The same shape with other texts.
    entry: redactIn(entry as Json, redact) as ScriptEntry,
    modules: pinsOf(Object.values(modules)),
    outcome: outcome.ok ? { ...outcome, value: redactIn(outcome.value, redact) } : outcome,
  };
}

/** A module may go by several names. */
const pinsOf = (modules: readonly ModulePin[]): readonly ModulePin[] => [
  ...new Map(modules.map(({ name, version, hash }) => [hash, { name, version, hash }])).values(),
];

function redactIn(value: Json, redact: Redact): Json {
  if (typeof value === 'string') return redact(value);
  if (isJsonObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [redact(name), redactIn(member, redact)]));
  }
  if (typeof value !== 'object' || value === null) return value;
  return (value as readonly Json[]).map((member) => redactIn(member, redact));
}
