import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '../core/clock.ts';
import { scriptKinds } from './entries.ts';
import { printCorpus } from './print-corpus.ts';
import { runCorpus } from './run-corpus.ts';

const usage = `npm run corpus -- [--json] [--kind profile|action|rule] DIR…

Runs every .js file of the folders in the real script host, in four scenarios: success (answers have whatever the script
reads), error (the connection is refused), http500, and html (200 with a page). Nothing leaves the machine. The last
column is the longest time that a run which failed took from what made it fail, its last answer or its start, to its end.

--kind   what the files are: profile scripts (the default), Actions or Rules
--json   {summary: {total, success, failed, hangs}, files: [{file, success, error, http500, html}]}

The exit code is 0 when every script was tried, however it ended.
`;

function readArguments() {
  const { values, positionals } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      kind: { type: 'string', default: 'profile' },
      help: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  const kind = scriptKinds.find((known) => known === values.kind);
  return { kind, isJson: values.json, isHelp: values.help, folders: positionals };
}

const listScripts = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.js'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();

async function main(): Promise<number> {
  const { kind, isJson, isHelp, folders } = readArguments();
  if (isHelp || kind === undefined || folders.length === 0) {
    (isHelp ? process.stdout : process.stderr).write(usage);
    return isHelp ? 0 : 2;
  }
  const result = await runCorpus(folders.flatMap(listScripts), { kind, clock: systemClock });
  process.stdout.write(isJson ? `${JSON.stringify(result, null, 2)}\n` : printCorpus(result));
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`corpus: ${(error as Error).message}\n`);
  process.exitCode = 2;
}
