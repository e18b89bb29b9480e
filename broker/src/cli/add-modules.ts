import { titleOf } from '../core/module.ts';
import { type MadeModule, makeModule } from '../modules/make-module.ts';
import { readSpecifier } from '../modules/read-specifier.ts';
import { createIsBundled } from '../sandbox/bundled-names.ts';
import { type CliDeps, CommandError } from './deps.ts';
import { withModulesStore } from './open-modules.ts';
import { tryModules } from './try-modules.ts';

export type AddOptions = { readonly from?: string; readonly json?: boolean };

/** Adds all of them, or none. What is there already, with the same text, stays. */
export async function addModules(deps: CliDeps, specifiers: readonly string[], options: AddOptions): Promise<void> {
  const settings = deps.prepareStoreSettings();
  const made = await makeAll(deps, specifiers, options);
  const added = await withModulesStore(settings, async (store) => {
    const there = await store.modules.list();
    const isSame = (one: MadeModule, other: { readonly name: string; readonly version: string }) =>
      titleOf(one.module) === titleOf(other);
    const changed = made.find((one) => there.some((other) => isSame(one, other) && other.hash !== one.module.hash));
    if (changed !== undefined) {
      const title = titleOf(changed.module);
      throw new CommandError(
        `${title} is on the list with another content: a deployed Action keeps what it was deployed with. Use another version, or remove ${title} first`,
      );
    }
    const fresh = made.filter((one) => !there.some((other) => isSame(one, other)));
    const addedAt = deps.clock.now();
    await store.writeAll(fresh.map(({ module }) => store.modules.create({ ...module, addedAt })));
    return fresh;
  });
  const failures = await tryModules(deps, made);
  const told = made.map((one, index) => ({ ...describe(one, added.includes(one)), failure: failures[index] }));
  deps.write(options.json ? JSON.stringify(told, null, 2) : told.map(print).join('\n'));
}

async function makeAll(
  { npmEnvironment }: CliDeps,
  specifiers: readonly string[],
  { from }: AddOptions,
): Promise<readonly MadeModule[]> {
  const isBundled = createIsBundled();
  const made: MadeModule[] = [];
  const problems: string[] = [];
  for (const specifier of specifiers) {
    const wanted = readSpecifier(specifier);
    const result = 'problem' in wanted ? wanted : await makeModule({ npmEnvironment, isBundled }, wanted, from);
    if ('problem' in result) problems.push(result.problem);
    else if (!made.some(({ module }) => titleOf(module) === titleOf(result.module))) made.push(result);
  }
  if (problems.length > 0) throw new CommandError(`nothing was added\n  ${problems.join('\n  ')}`);
  return made;
}

function describe({ module, missing }: MadeModule, isNew: boolean) {
  const { name, version, integrity, hash, text } = module;
  return { name, version, integrity, hash, bytes: Buffer.byteLength(text), missing, isNew };
}

function print(module: ReturnType<typeof describe> & { readonly failure: string | undefined }): string {
  const { hash, bytes, missing, isNew, failure } = module;
  const note = `  requires ${missing.join(', ')}, which scripts do not have: requiring that fails`;
  return [
    `${isNew ? 'allowed' : 'is allowed already:'} ${titleOf(module)}, ${Math.ceil(bytes / 1000)} kB, sha256 ${hash}`,
    ...(missing.length === 0 ? [] : [note]),
    ...(failure === undefined ? [] : [`  a script that requires it fails: ${failure}`]),
  ].join('\n');
}
