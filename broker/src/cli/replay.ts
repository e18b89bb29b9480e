import { placeholdersFor, withSecrets } from '../sandbox/entry-secrets.ts';
import type { RecordedRun } from '../sandbox/recording-sandbox.ts';
import type { ScriptModule } from '../sandbox/sandbox.ts';
import { CommandError } from './deps.ts';
import type { OpenAttempt } from './open-archive.ts';
import type { ScriptFile } from './read-script.ts';
import type { SecretValues } from './recorded-secrets.ts';
import { hiddenSecret } from './result.ts';
import type { RunScript } from './runner.ts';

/** The run that one means: by its number, else the one that failed, else the profile script's, else the last. */
export function pickRun({ runs, traceId }: OpenAttempt, number: number | undefined): RecordedRun {
  const wanted =
    number === undefined
      ? (runs.find(({ outcome }) => !outcome.ok) ??
        runs.find(({ filename }) => filename.includes('.fetchUserProfile.')) ??
        runs.at(-1))
      : runs[number - 1];
  if (wanted !== undefined) return wanted;
  throw new CommandError(
    runs.length === 0 ? `no script ran in attempt ${traceId}` : `attempt ${traceId} has ${runs.length} runs`,
  );
}

type Replacements = {
  readonly script: ScriptFile | undefined;
  /** Those of the recording, with their texts. */
  readonly modules: Readonly<Record<string, ScriptModule>>;
  /** Values of the secrets that the run had; a name without one gets a placeholder. */
  readonly secrets?: SecretValues;
};

/** The run again, offline, with its own script or another one. Its tokens are placeholders, as in what was recorded. */
export const replay = (
  run: RunScript,
  recorded: RecordedRun,
  { script, modules, secrets = {} }: Replacements,
): Promise<RecordedRun> => {
  const values = { ...placeholdersFor(recorded.secretNames ?? []), ...secrets };
  return run({
    source: script?.source ?? recorded.source,
    filename: script?.filename ?? recorded.filename,
    entry: withSecrets(recorded.entry, values),
    ...(recorded.entry.kind === 'rule' ? { configuration: values } : {}),
    modules,
    secrets: [hiddenSecret],
    replay: recorded.exchanges,
  });
};
