import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Files by their paths in the folder; objects become JSON. */
export type PackageFiles = Readonly<Record<string, string | object>>;

/** Writes an npm package into `folder`, and answers the folder. */
export function writePackage(folder: string, files: PackageFiles): string {
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  }
  return folder;
}
