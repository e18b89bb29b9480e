import { parseArguments, usage } from './arguments.ts';
import { stopAllProcesses } from './processes/started-process.ts';
import { runLogin } from './run-login.ts';
import { runManagement } from './run-management.ts';
import { runScript } from './run-script.ts';
import { runStart } from './run-start.ts';
import { runTiming } from './run-timing.ts';
import { runToken } from './run-token.ts';

/*
 * bench/: Portico beside its peers on the machine at hand. What counts is CPU per operation of a whole process tree and
 * its ratio to a peer's in the same minute; see README.md for the method and for what it does not measure.
 */

const runs = {
  login: runLogin,
  token: runToken,
  start: runStart,
  script: runScript,
  management: runManagement,
  timing: runTiming,
};

async function main(): Promise<number> {
  const parsed = parseArguments(process.argv.slice(2));
  if (!parsed.ok) {
    console.error(`${parsed.problem}\n\n${usage}`);
    return 2;
  }
  const { command, ...settings } = parsed.value;
  const report = await runs[command](settings);
  console.log(settings.isJson ? JSON.stringify(report.toJson(), null, 2) : report.toText());
  return report.isEveryTargetMet ? 0 : 1;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void stopAllProcesses().then(() => process.exit(130));
  });
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? `bench: ${error.message}` : error);
  process.exitCode = 3;
} finally {
  await stopAllProcesses();
}
