import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isJsonObject, type JsonObject } from '../core/json.ts';
import { isExactVersion, type ModuleName, titleOf } from '../core/module.ts';
import type { Wanted } from './read-specifier.ts';

export type FoundPackage = ModuleName & {
  readonly folder: string;
  /** As the lock of the folder says; undefined if it says nothing. */
  readonly integrity: string | undefined;
};

/** The package in `folder`: the folder itself, or below its node_modules. */
export function findPackage(wanted: Wanted, folder: string): FoundPackage | { readonly problem: string } {
  const places = [resolve(folder), resolve(folder, 'node_modules', wanted.name)];
  const found = places
    .map((place) => ({ place, about: readJson(join(place, 'package.json')) }))
    .find(({ about }) => about?.['name'] === wanted.name);
  if (found === undefined)
    return { problem: `${folder} is not the package ${wanted.name} and has none in node_modules` };
  const version = String(found.about?.['version'] ?? '');
  if (!isExactVersion(version)) return { problem: `the package ${wanted.name} in ${folder} has no version` };
  if (wanted.version !== 'latest' && wanted.version !== version) {
    return { problem: `${folder} has ${wanted.name}@${version}, not ${titleOf(wanted)}` };
  }
  return { name: wanted.name, version, folder: found.place, integrity: readIntegrity(folder, wanted.name, version) };
}

function readIntegrity(folder: string, name: string, version: string): string | undefined {
  const files = [join(folder, 'package-lock.json'), join(folder, 'node_modules', '.package-lock.json')];
  for (const file of files) {
    const packages = readJson(file)?.['packages'];
    const entry = isJsonObject(packages) ? packages[`node_modules/${name}`] : undefined;
    if (isJsonObject(entry) && entry['version'] === version && typeof entry['integrity'] === 'string') {
      return entry['integrity'];
    }
  }
  return undefined;
}

function readJson(file: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return isJsonObject(value) ? value : undefined;
  } catch {
    // Not there, or not JSON: told by the one who needs it.
    return undefined;
  }
}
