import { isJsonObject, type Json } from '../core/json.ts';
import type { ModulePin } from '../core/module.ts';
import { placeholdersFor, secretsOf, withoutGlobal, withSecrets } from './entry-secrets.ts';
import { createRedact, type Redact } from './redact.ts';
import type { ConsoleLine, Exchange, Sandbox, SandboxLimits, Script, ScriptEntry, ScriptOutcome } from './sandbox.ts';
import { listSecrets } from './script-secrets.ts';

/** A run as it is kept with its attempt: enough to read what happened, and to run it again. */
export type RecordedRun = {
  readonly filename: string;
  readonly source: string;
  /** Its secrets are a placeholder. */
  readonly entry: ScriptEntry;
  /** What `configuration` of a Rule or `event.secrets` of an Action held. Values are not kept. Absent in records of 0.1.0. */
  readonly secretNames?: readonly string[];
  /** The npm modules that it had, by what it may write in `require`; their texts are not kept. */
  readonly modules: Readonly<Record<string, ModulePin>>;
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
    script.trace.keepRun?.((): RecordedRun => {
      const { outcome, consoleLines, exchanges, ms } = run;
      return { ...describe(script, outcome), consoleLines, exchanges, ms, limits };
    });
    return run;
  },
});

function describe(script: Script, outcome: ScriptOutcome) {
  const { source, filename, entry, modules = {} } = script;
  const redact = createRedact(listSecrets(script));
  const secretNames = Object.keys(script.configuration ?? secretsOf(entry));
  return {
    filename,
    source,
    // The same shape with other texts.
    entry: redactIn(withSecrets(entry, placeholdersFor(Object.keys(secretsOf(entry)))) as Json, redact) as ScriptEntry,
    ...(secretNames.length === 0 ? {} : { secretNames }),
    modules: Object.fromEntries(Object.entries(modules).map(([wanted, module]) => [wanted, pinOf(module)])),
    outcome: outcome.ok ? { ...outcome, value: redactIn(withoutGlobal(outcome.value), redact) } : outcome,
  };
}

const pinOf = ({ name, version, hash }: ModulePin): ModulePin => ({ name, version, hash });

function redactIn(value: Json, redact: Redact): Json {
  if (typeof value === 'string') return redact(value);
  if (isJsonObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [redact(name), redactIn(member, redact)]));
  }
  if (typeof value !== 'object' || value === null) return value;
  return (value as readonly Json[]).map((member) => redactIn(member, redact));
}
