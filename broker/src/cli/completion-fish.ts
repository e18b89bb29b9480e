import type { CommandNode, Named } from './command-tree.ts';

export function toFish(commands: readonly CommandNode[]): string {
  const lines = commands.flatMap((node) => [
    ...node.subcommands.map((child) => `${toStart(node)} -a ${child.name} ${toDescription(child)}`),
    ...node.choices.map((choice) => `${toStart(node)} -a ${choice}`),
    ...(node.takesFiles ? [`${toStart(node)} -F`] : []),
    ...node.options.map((option) => {
      const value = { none: '', other: ' -r -f', file: ' -r -F' }[option.value];
      return `${toStart(node)} -l ${option.name.replace(/^--/, '')}${value} ${toDescription(option)}`;
    }),
  ]);
  return ['# Completion of portico for fish.', isAt(commands), 'complete -c portico -f', ...lines].join('\n');
}

/** True where the words before the cursor lead to exactly this command. */
const isAt = (commands: readonly CommandNode[]): string => `function __portico_at
  set -l place
  for word in (commandline -opc)[2..]
    switch "$place $word"
      case ${commands
        .slice(1)
        .map(({ path }) => `'${path.map((word) => ` ${word}`).join('')}'`)
        .join(' ')}
        set place "$place $word"
    end
  end
  test "$place" = "$argv[1]"
end`;

const toStart = ({ path }: CommandNode): string =>
  `complete -c portico -n '__portico_at "${path.map((word) => ` ${word}`).join('')}"'`;

const toDescription = ({ description }: Named): string =>
  `-d '${description.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
