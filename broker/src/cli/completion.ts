import { Argument, Command } from 'commander';
import { listCommands } from './command-tree.ts';
import { toBash } from './completion-bash.ts';
import { toFish } from './completion-fish.ts';
import { toZsh } from './completion-zsh.ts';
import type { CliDeps } from './deps.ts';

const shells = { bash: toBash, zsh: toZsh, fish: toFish } as const;

/** `portico completion …`: prints what a shell needs to complete commands and options. */
export function completionCommand({ write }: Pick<CliDeps, 'write'>, program: Command): Command {
  return new Command('completion')
    .description('prints the completion of portico for a shell')
    .addArgument(new Argument('<shell>', 'whose completion').choices(Object.keys(shells)))
    .addHelpText(
      'after',
      '\nExamples:\n  source <(portico completion bash)\n  source <(portico completion zsh)\n  portico completion fish > ~/.config/fish/completions/portico.fish',
    )
    .action((shell: keyof typeof shells) => write(shells[shell](listCommands(program))));
}
