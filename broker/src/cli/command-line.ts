import { Command, CommanderError } from 'commander';
import { ConfigError } from '../core/errors.ts';
import { attemptsCommand } from './attempts.ts';
import { completionCommand } from './completion.ts';
import { connectionsCommand } from './connections.ts';
import { type CliDeps, CommandError } from './deps.ts';
import { keysCommand } from './keys.ts';
import { modulesCommand } from './modules.ts';
import { printable } from './printable.ts';
import { scriptsCommand } from './scripts.ts';
import { tokenCommand } from './token.ts';

/*
 * cli/: the `portico` command.
 *
 * It reads the same environment as the broker and may run beside it. It never listens, and of the configuration it
 * changes the list of allowed modules, the signing keys and, back to what it was, a connection.
 */

/** Runs one command; answers the exit code. `argv` without node and the script. */
export async function runCommandLine(given: CliDeps, argv: readonly string[]): Promise<number> {
  const deps: CliDeps = {
    ...given,
    write: (text) => given.write(`${printable(text)}\n`),
    writeError: (text) => given.writeError(`${printable(text)}\n`),
  };
  const program = new Command('portico')
    .description('A self-hosted identity broker. Without a command it starts the broker.')
    .configureOutput({ writeOut: given.write, writeErr: given.writeError })
    .addHelpText(
      'after',
      '\nEverything is configured by PORTICO_ variables; see docs/configuration.md.\n\nExamples:\n  portico\n  portico attempts list --failed\n  portico attempts show <trace id>\n  portico scripts test fixtures',
    );
  program
    .command('start')
    .description('starts the broker (the default)')
    .addHelpText(
      'after',
      '\nExample:\n  PORTICO_ISSUER=https://login.example.com/ PORTICO_SEED=seed.json portico start',
    )
    .action(deps.start);
  program.addCommand(attemptsCommand(deps));
  program.addCommand(scriptsCommand(deps));
  program.addCommand(modulesCommand(deps));
  program.addCommand(completionCommand(deps, program));
  program.addCommand(keysCommand(deps));
  program.addCommand(connectionsCommand(deps));
  program.addCommand(tokenCommand(deps));
  for (const command of withSubcommands(program)) command.exitOverride().copyInheritedSettings(program);
  try {
    await program.parseAsync(argv, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    if (!(error instanceof CommandError) && !(error instanceof ConfigError)) throw error;
    deps.writeError(`portico: ${error.message}`);
    return error instanceof CommandError ? error.exitCode : 1;
  }
}

const withSubcommands = (command: Command): Command[] => [command, ...command.commands.flatMap(withSubcommands)];
