import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { portico } from '../support/command-line.ts';

const folder = mkdtempSync(join(tmpdir(), 'portico-completion-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The file of the completion, and how its shell is asked what could follow these words. */
const shells = {
  bash: (file: string, words: readonly string[]) => [
    'bash',
    '--norc',
    '-c',
    `source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _portico; printf "%s\\n" "\${COMPREPLY[@]}"`,
    file,
    ...words,
  ],
  fish: (file: string, words: readonly string[]) => [
    'fish',
    '--no-config',
    '-c',
    `source ${file}; complete -C ${JSON.stringify(words.join(' '))}`,
  ],
} as const;

const isInstalled = (shell: string): boolean => {
  try {
    execFileSync(shell, ['-c', 'true']);
    return true;
  } catch {
    return false;
  }
};

describe.each([...(['bash'] as const), ...(isInstalled('fish') ? (['fish'] as const) : [])])('in %s', (shell) => {
  const file = join(folder, shell);
  beforeAll(async () => {
    const { code, output, errors } = await portico({}, 'completion', shell);
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    writeFileSync(file, output);
    mkdirSync(join(folder, 'my scripts'), { recursive: true });
    writeFileSync(join(folder, 'my scripts', 'fixed one.ts'), '');
  });

  function complete(...words: string[]): string[] {
    const [program = '', ...parameters] = shells[shell](file, ['portico', ...words]);
    const output = execFileSync(program, parameters, { encoding: 'utf8', cwd: join(folder, 'my scripts') });
    // fish tells what each one is, too.
    const found = output.split('\n').map((line) => line.split('\t')[0] ?? '');
    return found.filter((line) => line !== '').sort();
  }

  test('commands, their commands and their options are completed', () => {
    expect(complete('att')).toEqual(['attempts']);
    expect(complete('')).toEqual(expect.arrayContaining(['attempts', 'completion', 'modules', 'scripts', 'start']));
    expect(complete('attempts', '')).toEqual(expect.arrayContaining(['list', 'replay', 'save', 'show']));
    expect(complete('attempts', 'replay', 'tr_1', '--s')).toEqual(['--script', '--secret']);
    expect(complete('completion', 'z')).toEqual(['zsh']);
  });

  test('a file is completed where one is asked for, with blanks in its name, and nothing where a number is', () => {
    expect(complete('attempts', 'replay', 'tr_1', '--script', 'fix')).toEqual(['fixed one.ts']);
    expect(complete('scripts', 'run', 'fix')).toEqual(['fixed one.ts']);
    expect(complete('attempts', 'list', '--limit', '')).toEqual([]);
    expect(complete('attempts', 'show', 'fix')).toEqual([]);
  });
});

test.each([
  ['zsh', '#compdef portico'],
  ['fish', 'complete -c portico -f'],
])('%s gets a completion of its own, with every command', async (shell, line) => {
  const { code, output } = await portico({}, 'completion', shell);
  expect(code).toBe(0);
  expect(output.split('\n')).toContain(line);
  for (const word of ['attempts', 'replay', 'script', 'modules', 'completion']) expect(output).toContain(word);
});

test('another shell is refused with the ones there are', async () => {
  const { code, errors } = await portico({}, 'completion', 'tcsh');
  expect(code).toBe(1);
  expect(errors).toContain('Allowed choices are bash, zsh, fish');
});
