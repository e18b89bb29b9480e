import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/* The documents as people see them: sections, tables, blocks of code. */

export const root = resolve(import.meta.dirname, '../../..');
export const read = (path: string): string => readFileSync(join(root, path), 'utf8');

export const documents: readonly string[] = ['.', 'docs', 'bench']
  .flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(folder, name)))
  .filter((path) => path.endsWith('.md'));

/** The part of a document below a heading, up to the next heading of the same or a higher level. */
export function section(text: string, heading: string): string {
  const lines = text.split('\n');
  const start = lines.indexOf(heading);
  if (start === -1) throw new Error(`there is no heading "${heading}"`);
  const level = heading.indexOf(' ');
  const isEnd = (line: string) => /^#+ /.test(line) && line.indexOf(' ') <= level;
  const length = lines.slice(start + 1).findIndex(isEnd);
  return lines.slice(start + 1, length === -1 ? undefined : start + 1 + length).join('\n');
}

const isRule = (line: string | undefined): boolean => line !== undefined && /^\|[ :|-]+\|$/.test(line);

/** The cells of the rows of all tables, without their headings; marks of code are taken off. */
export const rows = (text: string): string[][] =>
  text
    .split('\n')
    .filter((line, index, lines) => line.startsWith('|') && !isRule(line) && !isRule(lines[index + 1]))
    .map((line) => line.slice(1, line.lastIndexOf('|')).split('|'))
    .map((cells) => cells.map((cell) => cell.trim().replace(/^`([^`]*)`$/, '$1')));

export const firstCells = (text: string): string[] => rows(text).map(([first = '']) => first);
