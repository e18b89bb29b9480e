import type { CommandNode, Named } from './command-tree.ts';
import { optionsWith, toPattern } from './completion-cases.ts';

/** May be sourced, or stand in a folder of fpath as _portico. */
export const toZsh = (commands: readonly CommandNode[]): string => `#compdef portico
# Completion of portico for zsh.
_portico() {
  local place='' previous="\${words[CURRENT-1]}" at
  local -a found options
  for ((at = 2; at < CURRENT; at++)); do
    case "$place \${words[at]}" in
      ${commands.slice(1).map(toPattern).join(' | ')}) place="$place \${words[at]}" ;;
    esac
  done
  case "$place $previous" in
${optionsWith(commands, 'file', '_files; return')}
${optionsWith(commands, 'other', 'return')}
  esac
  case "$place" in
${commands.map(toCase).join('\n')}
  esac
  (( \${#found} )) && _describe -t commands command found
  (( \${#options} )) && _describe -o -t options option options
}
if [ "\${funcstack[1]}" = "_portico" ]; then
  _portico "$@"
else
  compdef _portico portico
fi`;

function toCase(node: CommandNode): string {
  const { subcommands, choices, options, takesFiles } = node;
  const found = [...subcommands, ...choices.map((name) => ({ name, description: name }))];
  const files = takesFiles ? ' _files;' : '';
  return `    ${toPattern(node)})${files} found=(${found.map(toEntry).join(' ')}) options=(${options.map(toEntry).join(' ')}) ;;`;
}

const toEntry = ({ name, description }: Named): string =>
  `'${name}:${description.replaceAll("'", "'\\''").replaceAll(':', '\\:')}'`;
