import type { CommandNode } from './command-tree.ts';

/* The `case` statements that completion for bash and for zsh have in common. */

/** A command as it is written, each word after a space. */
export const placeOf = ({ path }: CommandNode): string => path.map((word) => ` ${word}`).join('');

export const toPattern = (node: CommandNode): string => `'${placeOf(node)}'`;

/** The case of every option that is followed by such a value. */
export function optionsWith(commands: readonly CommandNode[], value: 'file' | 'other', then: string): string {
  const patterns = commands.flatMap((node) =>
    node.options.filter((option) => option.value === value).map(({ name }) => `'${placeOf(node)} ${name}'`),
  );
  return `    ${patterns.join(' | ')}) ${then} ;;`;
}
