import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';

export const memory = ':memory:';

/** The path in `sqlite:/path/file.db`, or `:memory:`. */
export const toPath = (url: string): string => url.slice('sqlite:'.length).replace(/^\/\/(?=\/)/, '');

/** Nobody but the owner may read it; SQLite gives its -wal and -shm files the same mode. */
export function createPrivateFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  if (existsSync(path)) return;
  closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
}
