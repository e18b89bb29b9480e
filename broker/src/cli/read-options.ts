import { InvalidArgumentError } from 'commander';
import { readValue } from './read-script.ts';

/** A whole number from 1. */
export function readCount(text: string): number {
  const number = Number(text);
  if (!/^\d{1,6}$/.test(text) || number < 1) throw new InvalidArgumentError('It must be a whole number from 1.');
  return number;
}

/** One `NAME=VALUE` or `NAME=@file` more. */
export function readSecret(text: string, before: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('It must be NAME=VALUE.');
  return { ...before, [text.slice(0, at)]: readValue(text.slice(at + 1)) };
}
