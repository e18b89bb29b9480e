import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { compileTypescript } from '../sandbox/compile-typescript.ts';
import { CommandError } from './deps.ts';

export type ScriptFile = { readonly source: string; readonly filename: string };

/** A script from a file; TypeScript is compiled as when it is saved. */
export function readScript(file: string): ScriptFile {
  const text = readText(file);
  const filename = basename(file);
  if (!file.endsWith('.ts')) return { source: text, filename };
  const compiled = compileTypescript(text);
  if ('code' in compiled) return { source: compiled.code, filename };
  const { message, line } = compiled.error;
  throw new CommandError(`${file}${line === undefined ? '' : `:${line}`}: ${message}`);
}

export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new CommandError(`cannot read ${file} (${(error as NodeJS.ErrnoException).code})`);
  }
}

/** The value of an option, or of the file that it names with an @ before. */
export const readValue = (text: string): string => (text.startsWith('@') ? readText(text.slice(1)).trim() : text);
