import { InvalidArgumentError } from 'commander';

/** A whole number from 1. */
export function readCount(text: string): number {
  const number = Number(text);
  if (!/^\d{1,6}$/.test(text) || number < 1) throw new InvalidArgumentError('It must be a whole number from 1.');
  return number;
}
