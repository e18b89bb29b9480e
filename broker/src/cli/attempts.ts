import { Command } from 'commander';
import { type CliDeps, CommandError } from './deps.ts';
import { withArchive } from './open-archive.ts';
import { printAttempt, printEvents, printSummary } from './print-attempt.ts';
import { readCount, readSecret } from './read-options.ts';
import { type ReplayOptions, replayAttempt } from './replay-attempt.ts';
import { type SaveOptions, saveAttempt } from './save-attempt.ts';

/** `portico attempts …`: what happened in a sign-in. */
export function attemptsCommand(deps: CliDeps): Command {
  const command = new Command('attempts')
    .description('what happened in a sign-in')
    .addHelpText(
      'after',
      '\nExamples:\n  portico attempts list --failed\n  portico attempts show <trace id>\n  portico attempts replay <trace id> --script fixed.ts',
    );

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
    .option('--secret <name=value>', 'in place of what the tenant has; @file for a value in a file', readSecret, {})
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nThe exit code is 0 if the script gave a usable result.\n\nExamples:\n  portico attempts replay <trace id>\n  portico attempts replay <trace id> --script fixed.ts\n  portico attempts replay <trace id> --secret API_KEY=@key.txt',
    )
    .action((id: string, options: ReplayOptions) => replayAttempt(deps, id, options));

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
