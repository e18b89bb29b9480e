import { isIntact, type ModulePin, type StoredModule, titleOf } from '../core/module.ts';
import type { ScriptModule } from '../sandbox/sandbox.ts';
import { type CliDeps, CommandError } from './deps.ts';
import { listModules } from './open-modules.ts';

export type RecordedModules = Readonly<Record<string, ModulePin>>;

/** The texts of modules that a recorded run had, by what its script may write. Throws CommandError where one is gone. */
function findRecorded(
  recorded: RecordedModules,
  allowed: readonly StoredModule[],
): Readonly<Record<string, ScriptModule>> {
  return Object.fromEntries(Object.entries(recorded).map(([name, pin]) => [name, findOne(pin, allowed)]));
}

function findOne(pin: ModulePin, allowed: readonly StoredModule[]): ScriptModule {
  const module = allowed.find((candidate) => candidate.hash === pin.hash && isIntact(candidate));
  if (module !== undefined) return module;
  const title = titleOf(pin);
  const other = allowed.some((candidate) => titleOf(candidate) === title);
  throw new CommandError(
    `the run had the module ${title} (sha256 ${pin.hash}), and ${other ? 'what is allowed under that name now is another text' : 'it is not on the list any more'}: ` +
      `allow the same one again with portico modules add ${title}`,
  );
}

/** As findRecorded, from the database: it is read once, and only if there were modules. */
export function createReadRecorded({ readStoreSettings }: Pick<CliDeps, 'readStoreSettings'>) {
  let allowed: Promise<readonly StoredModule[]> | undefined;
  return async (recorded: RecordedModules): Promise<Readonly<Record<string, ScriptModule>>> => {
    if (Object.keys(recorded).length === 0) return {};
    allowed ??= listModules(readStoreSettings());
    return findRecorded(recorded, await allowed);
  };
}
