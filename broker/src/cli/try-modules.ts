import { ConfigError } from '../core/errors.ts';
import type { MadeModule } from '../modules/make-module.ts';
import type { CliDeps } from './deps.ts';
import { type RunScript, withRunner } from './runner.ts';

/** Why requiring it in a script fails, in the order of the modules; undefined where it does not, or where no script can be run here. */
export async function tryModules(deps: CliDeps, made: readonly MadeModule[]): Promise<readonly (string | undefined)[]> {
  const { scriptTimeoutMs } = deps.readScriptSettings();
  try {
    return await withRunner({ egressAllow: '', scriptTimeoutMs, clock: deps.clock }, async (run) => {
      const found = [];
      for (const { module } of made) found.push(await tryOne(run, module));
      return found;
    });
  } catch (error) {
    // The machine that keeps the list need not be one that runs scripts.
    if (error instanceof ConfigError) return made.map(() => undefined);
    throw error;
  }
}

async function tryOne(run: RunScript, module: MadeModule['module']): Promise<string | undefined> {
  const { outcome } = await run({
    source: `(callback) => { require(${JSON.stringify(module.name)}); callback(null, {}); }`,
    filename: 'try.js',
    entry: { kind: 'callback', arguments: [] },
    modules: { [module.name]: module },
    secrets: [],
  });
  return outcome.ok ? undefined : outcome.message;
}
