import type { Argument, Command, Option } from 'commander';

/** A command as shells need to know it. */
export type CommandNode = {
  /** The words that lead to it, `portico` not among them. */
  readonly path: readonly string[];
  readonly subcommands: readonly Named[];
  readonly options: readonly (Named & { readonly value: ValueKind })[];
  /** Words that its argument can be. */
  readonly choices: readonly string[];
  readonly takesFiles: boolean;
};

export type Named = { readonly name: string; readonly description: string };
export type ValueKind = 'none' | 'file' | 'other';

/** All commands, the root first. */
export function listCommands(command: Command, path: readonly string[] = []): readonly CommandNode[] {
  const node: CommandNode = {
    path,
    subcommands: command.commands.map((child) => ({ name: child.name(), description: child.description() })),
    options: [...command.options.map(toOption), { name: '--help', description: 'tells more', value: 'none' }],
    choices: command.registeredArguments.flatMap(({ argChoices = [] }: Argument) => argChoices),
    takesFiles: command.registeredArguments.some((argument) => isFile(argument.name())),
  };
  return [node, ...command.commands.flatMap((child) => listCommands(child, [...path, child.name()]))];
}

function toOption({ long, flags, description, required, optional }: Option): CommandNode['options'][number] {
  const value = !required && !optional ? 'none' : isFile(/<([^<>]+)>/.exec(flags)?.[1] ?? '') ? 'file' : 'other';
  return { name: long ?? flags, description, value };
}

const isFile = (name: string): boolean => name === 'file' || name === 'dir';
