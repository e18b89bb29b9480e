import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { isJsonObject, type JsonObject } from '../core/json.ts';
import { isIntact } from '../core/module.ts';
import { type CliDeps, CommandError } from './deps.ts';
import { writeFixture } from './fixture.ts';
import { listModules } from './open-modules.ts';
import { printRun } from './print-run.ts';
import { readScript, readValue } from './read-script.ts';
import { createReadRecorded } from './recorded-modules.ts';
import { printResult, toResult } from './result.ts';
import { withRunner } from './runner.ts';
import { listFixtures, printReport, testFixture, toJunit } from './test-fixtures.ts';

type RunOptions = {
  readonly token: string;
  readonly ctx: string;
  readonly record?: string;
  readonly modules?: boolean;
  readonly json?: boolean;
};
type TestOptions = { readonly junit?: string; readonly json?: boolean };

/** `portico scripts …`: profile scripts outside of a sign-in. */
export function scriptsCommand(deps: CliDeps): Command {
  const command = new Command('scripts')
    .description('run and test profile scripts')
    .addHelpText(
      'after',
      '\nExamples:\n  portico scripts run profile.ts --token @token.txt\n  portico scripts test fixtures',
    );

  command
    .command('run')
    .description('runs a profile script against the real provider, in the sandbox and through the guarded way out')
    .argument('<file>', 'JavaScript or TypeScript')
    .requiredOption('--token <token>', 'the access token, or @file')
    .option('--ctx <json>', "the script's second argument, or @file", '{}')
    .option('--modules', 'with the npm modules that the database allows')
    .option('--record <file>', 'keeps the run as a fixture, without the token')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nThe exit code is 0 if the script gave a usable profile.\n\nExamples:\n  portico scripts run profile.ts --token @token.txt\n  portico scripts run profile.js --token abc --ctx \'{"options":{}}\' --record fixtures/ada.fixture.json',
    )
    .action((file: string, options: RunOptions) => runScript(deps, file, options));

  command
    .command('test')
    .description('runs all fixtures of a folder and compares the profiles')
    .argument('[dir]', 'where *.fixture.json are looked for', '.')
    .option('--junit <file>', 'writes a report for continuous integration')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nThe exit code is 0 if every fixture passed.\n\nExamples:\n  portico scripts test\n  portico scripts test fixtures --junit report.xml',
    )
    .action((directory: string, options: TestOptions) => testScripts(deps, directory, options));

  return command;
}

async function runScript(deps: CliDeps, file: string, options: RunOptions): Promise<void> {
  const { token: given, ctx, record, json } = options;
  const script = readScript(file);
  const token = readValue(given);
  const context = parseContext(readValue(ctx));
  const modules = options.modules ? (await listModules(deps.readStoreSettings())).filter(isIntact) : [];
  const run = await withRunner({ ...deps.readScriptSettings(), clock: deps.clock, modules }, (start) =>
    start({ ...script, entry: { kind: 'callback', arguments: [token, context] }, secrets: secretsOf(token, context) }),
  );
  const result = toResult(run, { isProfile: true });
  if (record !== undefined) writeFixture(record, { run, scriptFile: file, isProfile: true, result });
  deps.write(json ? JSON.stringify({ run, result }, null, 2) : `${printRun(run)}\n${printResult(result)}`);
  if ('error' in result) throw new CommandError('the script did not give a usable profile');
}

function parseContext(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    if (isJsonObject(value)) return value;
  } catch {
    // Told below, as for JSON that is something else.
  }
  throw new CommandError('--ctx must be a JSON object');
}

/** The parsed token answer holds more of them. */
const secretsOf = (token: string, context: JsonObject): string[] =>
  [token, ...['access_token', 'refresh_token', 'id_token', 'client_secret'].map((name) => context[name])].filter(
    (secret) => typeof secret === 'string',
  );

async function testScripts(deps: CliDeps, directory: string, { junit, json }: TestOptions): Promise<void> {
  const files = listFixtures(directory);
  if (files.length === 0) throw new CommandError(`there are no *.fixture.json in ${directory}`);
  const { scriptTimeoutMs } = deps.readScriptSettings();
  const readModules = createReadRecorded(deps);
  const reports = await withRunner({ egressAllow: '', scriptTimeoutMs, clock: deps.clock }, async (run) => {
    const done = [];
    for (const file of files) done.push(await testFixture({ run, readModules }, file));
    return done;
  });
  const failed = reports.filter(({ isPassed }) => !isPassed);
  if (junit !== undefined) writeFileSync(junit, toJunit(reports));
  const summary = { total: reports.length, passed: reports.length - failed.length, failed: failed.length };
  const told = [...reports.map(printReport), `${summary.passed} of ${summary.total} passed`].join('\n');
  deps.write(json ? JSON.stringify({ summary, fixtures: reports }, null, 2) : told);
  if (failed.length > 0) throw new CommandError(`${failed.length} of ${reports.length} fixtures failed`);
}
