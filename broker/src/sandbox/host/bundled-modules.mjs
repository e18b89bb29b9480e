import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/*
 * The modules that every script may require, as bundle-modules.mjs has made them. Read when first asked for. Nothing that
 * a script says becomes a path: names are looked up in the list.
 */

const folder = join(import.meta.dirname, '..', 'dist');
const versioned = /^(@[^/@]+\/[^/@]+|[^/@]+)@[^/]*$/;
const texts = new Map();
let list;

function readList() {
  try {
    list ??= new Map(
      JSON.parse(readFileSync(join(folder, 'modules.json'), 'utf8')).map((entry) => [entry.name, entry]),
    );
  } catch {
    list = new Map();
  }
  return list;
}

/** @returns {string} JSON: the `name` it has here and a `note`, nothing if there is no such module, or a `problem` */
export function resolveModule(wanted) {
  const modules = readList();
  const name = wanted.replace(/^node:/, '');
  const plain = versioned.exec(name)?.[1] ?? name;
  const found = modules.get(plain);
  if (modules.size === 0) {
    return JSON.stringify({ problem: `Cannot find module '${wanted}': the modules for scripts are not built.` });
  }
  if (found === undefined) return '{}';
  const note =
    plain === name || found.version === undefined
      ? undefined
      : `require('${wanted}') gave the bundled version ${found.version}.`;
  return JSON.stringify({ name: found.file ?? found.name, note });
}

/** The text of a module that `resolveModule` has named. */
export function readModule(name) {
  if (!readList().has(name)) return '';
  const held = texts.get(name) ?? readFileSync(join(folder, `${encodeURIComponent(name)}.js`), 'utf8');
  texts.set(name, held);
  return held;
}
