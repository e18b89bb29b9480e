import { join } from 'node:path';
import type { RecordedRun } from '../sandbox/recording-sandbox.ts';
import type { CliDeps } from './deps.ts';
import { fixtureEnding, keepScript, writeFixture } from './fixture.ts';
import { withArchive } from './open-archive.ts';
import { readScript, type ScriptFile } from './read-script.ts';
import { createReadRecorded } from './recorded-modules.ts';
import { pickRun, replay } from './replay.ts';
import { isProfileScript, toResult } from './result.ts';
import { withRunner } from './runner.ts';

export type SaveOptions = { readonly to: string; readonly script?: string; readonly run?: number };

/** The recorded result is what is expected; with a script of its own, what that one makes of the recorded answers. */
export async function saveAttempt(deps: CliDeps, id: string, { to, script, run: number }: SaveOptions): Promise<void> {
  const recorded = await withArchive(deps.readStoreSettings(), async (archive) =>
    pickRun(await archive.get(id), number),
  );
  const isProfile = isProfileScript(recorded.filename);
  const file = join(to, `${recorded.filename.replace(/\.[jt]s$/, '')}-${id.slice(0, 8)}${fixtureEnding}`);
  const scriptFile = script ?? keepScript(to, recorded);
  const given = script === undefined ? undefined : readScript(script);
  const run = given === undefined ? recorded : await runAgain(deps, recorded, given);
  const result = toResult(run, { isProfile });
  // The answers stay those of the recording, whatever the other script made of them.
  writeFixture(file, { run: { ...run, exchanges: recorded.exchanges }, scriptFile, isProfile, result });
  deps.write(
    `${file}\n${'error' in result ? `expects the failure ${result.error.kind}` : 'expects what the script gave'}`,
  );
}

async function runAgain(deps: CliDeps, recorded: RecordedRun, script: ScriptFile): Promise<RecordedRun> {
  const modules = await createReadRecorded(deps)(recorded.modules);
  return withRunner({ ...deps.readScriptSettings(), clock: deps.clock }, (run) =>
    replay(run, recorded, { script, modules }),
  );
}
