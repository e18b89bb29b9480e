import { nameModules, type StoredModule } from '../core/module.ts';
import type { Sandbox, Script } from './sandbox.ts';

type AllowedModules = {
  /** Those of the tenant at this moment; the same list as long as nothing changed. */
  readonly read: () => Promise<readonly StoredModule[]>;
  readonly isBundled: (name: string) => boolean;
};

/**
 * The sandbox, with the tenant's npm modules for scripts that come without a list of their own: scripts of connections and
 * Rules. A script gets those that its text names, so that another module is no change to it.
 */
export function createSandboxWithModules(sandbox: Sandbox, { read, isBundled }: AllowedModules): Sandbox {
  let last: readonly StoredModule[] = [];
  let named: Readonly<Record<string, StoredModule>> = {};
  return {
    ...sandbox,
    async run(script) {
      if (script.modules !== undefined) return sandbox.run(script);
      const modules = await read();
      if (modules.length === 0) return sandbox.run(script);
      if (modules !== last) {
        last = modules;
        named = nameModules(modules, isBundled);
      }
      return sandbox.run({ ...script, modules: namedIn(script, named) });
    },
  };
}

const namedIn = ({ source }: Script, named: Readonly<Record<string, StoredModule>>) =>
  Object.fromEntries(Object.entries(named).filter(([name]) => source.includes(name)));
