/*
 * The one door of the npm scripts: `node scripts/run.mjs start|test|contract|bench|check|corpus [arguments]`.
 * Runs under any Node.js from 20 on, with nothing installed: it brings the dependencies, the pinned Node.js, the modules
 * for scripts and, for tests, PostgreSQL's links, a Chromium and, where it can, bubblewrap; and then becomes the command.
 * A second run finds all of it and brings nothing.
 */
import { bringBubblewrap } from './setup/bubblewrap.mjs';
import { runToEnd } from './setup/child.mjs';
import { bringChromium } from './setup/chromium.mjs';
import { linkCommand } from './setup/command.mjs';
import { bringDependencies } from './setup/dependencies.mjs';
import { underLock } from './setup/lock.mjs';
import { bringModules } from './setup/modules.mjs';
import { bringNode, pathWith } from './setup/node.mjs';
import { linkPostgres } from './setup/postgres.mjs';
import { SetupError } from './setup/progress.mjs';

const commands = {
  start: { script: 'demo/src/start.ts', needs: [] },
  test: { script: 'scripts/test.ts', needs: ['development', 'postgres', 'chromium', 'bubblewrap'] },
  contract: { script: 'scripts/test.ts', args: ['broker/test/contract'], needs: ['development', 'chromium'] },
  bench: { script: 'bench/src/main.ts', needs: ['development', 'postgres'] },
  check: { script: 'scripts/check.ts', needs: ['development'] },
  corpus: { script: 'broker/src/corpus/main.ts', needs: [] },
};

async function main([name, ...args]) {
  const command = Object.hasOwn(commands, name ?? '') ? commands[name] : undefined;
  if (!command) throw new SetupError(`Usage: node scripts/run.mjs ${Object.keys(commands).join('|')} [arguments]`);

  const { node, chromium } = await underLock(async () => {
    await bringDependencies({ needsDevelopment: command.needs.includes('development') });
    linkCommand();
    const node = await bringNode();
    await bringModules();
    if (command.needs.includes('postgres')) await linkPostgres(node);
    if (command.needs.includes('bubblewrap')) await bringBubblewrap();
    const chromium = command.needs.includes('chromium') ? await bringChromium(node) : undefined;
    return { node, chromium };
  });

  const env = { ...process.env, PATH: pathWith(node) };
  if (chromium) env.PORTICO_CHROMIUM = chromium;
  return runToEnd(node, [command.script, ...(command.args ?? []), ...args], env);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`\n${error.message}\n`);
  process.exitCode = 1;
}
