import type { CommandNode } from './command-tree.ts';
import { optionsWith, toPattern } from './completion-cases.ts';

/** Works in bash 3.2 too, which is what macOS has. */
export const toBash = (commands: readonly CommandNode[]): string => `# Completion of portico for bash.
_portico() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" place='' at words='' files=''
  for ((at = 1; at < COMP_CWORD; at++)); do
    case "$place \${COMP_WORDS[at]}" in
      ${commands.slice(1).map(toPattern).join(' | ')}) place="$place \${COMP_WORDS[at]}" ;;
    esac
  done
  local IFS=$'\\n'
  case "$place $previous" in
${optionsWith(commands, 'file', "words='' files=yes")}
${optionsWith(commands, 'other', 'return')}
    *)
      case "$place" in
${commands.map(toCase).join('\n')}
      esac ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  if [ -n "$files" ] && [ "\${current#-}" = "$current" ]; then
    compopt -o filenames 2>/dev/null
    COMPREPLY+=($(compgen -f -- "$current"))
  fi
}
complete -F _portico portico`;

function toCase(node: CommandNode): string {
  const { subcommands, choices, options, takesFiles } = node;
  const words = [...subcommands.map(({ name }) => name), ...choices, ...options.map(({ name }) => name)];
  return `        ${toPattern(node)}) words=$'${words.join('\\n')}'${takesFiles ? ' files=yes' : ''} ;;`;
}
