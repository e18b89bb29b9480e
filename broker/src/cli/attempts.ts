import { Command } from 'commander';
import { type CliDeps, CommandError } from './deps.ts';
import { withArchive } from './open-archive.ts';
import { printAttempt, printEvents, printSummary } from './print-attempt.ts';
import { printRun } from './print-run.ts';
import { readCount } from './read-options.ts';
import { readScript } from './read-script.ts';
import { createReadRecorded } from './recorded-modules.ts';
import { pickRun, replay } from './replay.ts';
import { isProfileScript, printResult, toResult } from './result.ts';
import { withRunner } from './runner.ts';
import { type SaveOptions, saveAttempt } from './save-attempt.ts';

/** `portico attempts …`: what happened in a sign-in. */
export function attemptsCommand(deps: CliDeps): Command {
  const command = new Command('attempts').description('what happened in a sign-in');

  command
    .command('list')
    .description('the newest attempts that are kept: failed ones, and those in which a script ran')
    .option('--failed', 'only those that failed')
    .option('--limit <number>', 'how many', readCount, 20)
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  portico attempts list --failed --limit 5')
    .action(async ({ failed, limit, json }: { failed?: boolean; limit: number; json?: boolean }) => {
      const attempts = await withArchive(deps.readStoreSettings(), (archive) =>
        failed ? archive.listFailed(limit) : archive.list(limit),
      );
      deps.write(json ? toJson(attempts) : attempts.map(printSummary).join('\n') || 'no attempts');
    });

  command
    .command('show')
    .description('the whole story of one attempt: steps, requests, console, error')
    .argument('<id>', 'the trace id of the error page or of the log')
    .option('--json', 'as JSON, with all that was kept')
    .addHelpText('after', '\nExamples:\n  portico attempts show <trace id>\n  portico attempts show <trace id> --json')
    .action(async (id: string, { json }: { json?: boolean }) => {
      await withArchive(deps.readStoreSettings(), async (archive) => {
        const attempt = await archive.find(id);
        if (attempt !== undefined) return deps.write(json ? toJson(attempt) : printAttempt(attempt));
        const events = await archive.listEvents(id);
        if (events.length === 0) throw new CommandError(`there is no attempt ${id}, or its time has passed`);
        return deps.write(json ? toJson({ events }) : printEvents(id, events));
      });
    });

  command
    .command('replay')
    .description("runs an attempt's script again, offline, against the answers that were recorded")
    .argument('<id>', 'the trace id')
    .option('--script <file>', 'another script in its place, JavaScript or TypeScript')
    .option('--run <number>', 'which run of the attempt, as numbered by show', readCount)
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nThe exit code is 0 if the script gave a usable result.\n\nExamples:\n  portico attempts replay <trace id>\n  portico attempts replay <trace id> --script fixed.ts',
    )
    .action(async (id: string, options: { script?: string; run?: number; json?: boolean }) => {
      const recorded = await withArchive(deps.readStoreSettings(), async (archive) =>
        pickRun(await archive.get(id), options.run),
      );
      const script = options.script === undefined ? undefined : readScript(options.script);
      const modules = await createReadRecorded(deps)(recorded.modules);
      const run = await withRunner({ ...deps.readScriptSettings(), clock: deps.clock }, (runScript) =>
        replay(runScript, recorded, { script, modules }),
      );
      const result = toResult(run, { isProfile: isProfileScript(recorded.filename) });
      deps.write(options.json ? toJson({ run, result }) : `${printRun(run)}\n${printResult(result)}`);
      if ('error' in result) throw new CommandError('the replay did not give a usable result');
    });

  command
    .command('save')
    .description('keeps a run of an attempt as a fixture: a test for `portico scripts test`')
    .argument('<id>', 'the trace id')
    .requiredOption('--to <dir>', 'the folder of the fixture')
    .option('--script <file>', 'the script to test, as it is or mended; otherwise the recorded one is kept beside')
    .option('--run <number>', 'which run of the attempt, as numbered by show', readCount)
    .addHelpText(
      'after',
      '\nWhat providers said about people is part of a fixture.\n\nExamples:\n  portico attempts save <trace id> --to fixtures\n  portico attempts save <trace id> --to fixtures --script scripts/profile.ts',
    )
    .action((id: string, options: SaveOptions) => saveAttempt(deps, id, options));

  return command;
}

const toJson = (value: object): string => JSON.stringify(value, null, 2);
