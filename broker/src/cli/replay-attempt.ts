import { type CliDeps, CommandError } from './deps.ts';
import { withArchive } from './open-archive.ts';
import { printRun } from './print-run.ts';
import { readScript } from './read-script.ts';
import { createReadRecorded } from './recorded-modules.ts';
import { chooseSecrets, type SecretValues } from './recorded-secrets.ts';
import { pickRun, replay } from './replay.ts';
import { isProfileScript, printResult, toResult } from './result.ts';
import { withRunner } from './runner.ts';

export type ReplayOptions = {
  readonly script?: string;
  readonly run?: number;
  readonly secret: SecretValues;
  readonly json?: boolean;
};

/** The run again, offline; what the recording does not have, its secrets, comes from the options or from the tenant. */
export async function replayAttempt(deps: CliDeps, id: string, options: ReplayOptions): Promise<void> {
  const { recorded, known } = await withArchive(deps.readStoreSettings(), async (archive) => {
    const picked = pickRun(await archive.get(id), options.run);
    return { recorded: picked, known: await archive.findSecrets(picked) };
  });
  const { values: secrets, missing } = chooseSecrets(recorded, { given: options.secret, known });
  for (const name of missing) {
    deps.writeError(`portico: no value for the secret ${name}, the script gets [hidden]; give --secret ${name}=VALUE`);
  }
  const script = options.script === undefined ? undefined : readScript(options.script);
  const modules = await createReadRecorded(deps)(recorded.modules);
  const run = await withRunner({ ...deps.readScriptSettings(), clock: deps.clock }, (start) =>
    replay(start, recorded, { script, modules, secrets }),
  );
  const result = toResult(run, { isProfile: isProfileScript(recorded.filename) });
  deps.write(options.json ? JSON.stringify({ run, result }, null, 2) : `${printRun(run)}\n${printResult(result)}`);
  if ('error' in result) throw new CommandError('the replay did not give a usable result');
}
