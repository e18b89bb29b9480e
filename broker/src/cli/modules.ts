import { Command } from 'commander';
import type { StoredAction } from '../core/action.ts';
import { type StoredModule, titleOf } from '../core/module.ts';
import { readSpecifier } from '../modules/read-specifier.ts';
import { type AddOptions, addModules } from './add-modules.ts';
import { type CliDeps, CommandError } from './deps.ts';
import { withFilledModulesStore } from './open-modules.ts';

/** `portico modules …`: the npm modules that an administrator allows scripts to require. */
export function modulesCommand(deps: CliDeps): Command {
  const command = new Command('modules')
    .description('the npm modules that scripts may require')
    .addHelpText('after', '\nExamples:\n  portico modules add slug@1.2.3\n  portico modules list');

  command
    .command('add')
    .description('gets packages from npm, without running their scripts, bundles them and allows them')
    .argument('<modules...>', 'name@1.2.3, or name for the latest version there is')
    .option('--from <dir>', 'the folder of the package, or one with node_modules, instead of npm')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nAll of them are added, or none.\n\nExamples:\n  portico modules add slug@1.2.3 nanoid@5.1.6\n  portico modules add @acme/rules@2.0.0 --from ./rules',
    )
    .action((specifiers: string[], options: AddOptions) => addModules(deps, specifiers, options));

  command
    .command('list')
    .description('the allowed modules, and the Actions that were deployed with them')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  portico modules list --json')
    .action(async ({ json }: { json?: boolean }) => {
      const modules = await withFilledModulesStore(deps.readStoreSettings(), async (store) => {
        const [found, actions] = await Promise.all([store.modules.list(), store.actions.list()]);
        return found.map((module) => describe(module, actions));
      });
      deps.write(json ? JSON.stringify(modules, null, 2) : modules.map(print).join('\n') || 'no modules');
    });

  command
    .command('remove')
    .description('takes a module off the list')
    .argument('<module>', 'name@1.2.3')
    .option('--force', 'also if a deployed Action needs it, which then denies every sign-in')
    .addHelpText('after', '\nExample:\n  portico modules remove slug@1.2.3')
    .action((title: string, options: { force?: boolean }) => removeModule(deps, title, options));

  return command;
}

async function removeModule(deps: CliDeps, title: string, { force = false }: { force?: boolean }): Promise<void> {
  await withFilledModulesStore(deps.readStoreSettings(), async (store) => {
    const wanted = readSpecifier(title);
    const module = 'problem' in wanted ? undefined : await store.modules.find(wanted.name, wanted.version);
    if (module === undefined) throw new CommandError(`the module ${title} is not on the list`);
    const { actions: users } = describe(module, await store.actions.list());
    if (users.length > 0 && !force) {
      throw new CommandError(
        `${title} is needed by the deployed Action ${users.join(', ')}; --force removes it all the same`,
      );
    }
    await store.write(store.modules.delete(module.name, module.version));
    deps.write(`removed ${title}`);
  });
}

function describe({ text, addedAt, ...module }: StoredModule, actions: readonly StoredAction[]) {
  const users = actions.filter(({ deployed }) =>
    deployed?.modules.some(({ name, hash }) => name === module.name && hash === module.hash),
  );
  return { ...module, bytes: Buffer.byteLength(text), addedAt, actions: users.map(({ name }) => name) };
}

function print(module: ReturnType<typeof describe>): string {
  const { hash, integrity, bytes, addedAt, actions } = module;
  const uses = actions.length === 0 ? [] : [`  Actions    ${actions.join(', ')}`];
  return [
    `${titleOf(module)}  ${Math.ceil(bytes / 1000)} kB, ${addedAt.toISOString()}`,
    `  package    ${integrity ?? 'from a folder'}`,
    `  bundle     sha256 ${hash}`,
    ...uses,
  ].join('\n');
}
