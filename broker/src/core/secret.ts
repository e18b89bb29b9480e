import { timingSafeEqual } from 'node:crypto';
import { hashHandle } from './hash.ts';

/** A value that does not print: not in logs, not in JSON, not in a template string. */
export class Secret {
  readonly #value: string;
  constructor(value: string) {
    this.#value = value;
  }
  reveal(): string {
    return this.#value;
  }
  toString(): string {
    return '[secret]';
  }
  toJSON(): string {
    return '[secret]';
  }
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[secret]';
  }
}

/** Equal in constant time: both sides are hashed first, so that lengths tell nothing either. */
export function isSameText(left: string, right: string): boolean {
  return timingSafeEqual(Buffer.from(hashHandle(left)), Buffer.from(hashHandle(right)));
}
