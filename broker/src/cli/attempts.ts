import { Command } from 'commander';
import { type CliDeps, CommandError } from './deps.ts';
import { withArchive } from './open-archive.ts';
import { printAttempt, printEvents, printSummary } from './print-attempt.ts';
import { readCount } from './read-options.ts';

/** `portico attempts …`: what happened in a sign-in. */
export function attemptsCommand(deps: CliDeps): Command {
  const command = new Command('attempts').description('what happened in a sign-in');

  command
    .command('list')
    .description('the newest attempts; those that succeeded without a script are not kept')
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

  return command;
}

const toJson = (value: object): string => JSON.stringify(value, null, 2);
