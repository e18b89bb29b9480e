import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/*
 * The modules that every script may require, as bundle-modules.mjs has made them. Read when first asked for. Nothing that
 * a script says becomes a path: names are looked up in the list.
 */

const versioned = /^(@[^/@]+\/[^/@]+|[^/@]+)@[^/]*$/;

/** @param {string} folder */
export function createBundledModules(folder) {
  const texts = new Map();
  const list = readList(folder);

  return {
    hasModules: list.size > 0,

    /** JSON: the `name` it has here and a `note`, nothing if there is no such module, or a `problem`. */
    resolve(wanted) {
      const name = wanted.replace(/^node:/, '');
      const plain = versioned.exec(name)?.[1] ?? name;
      const found = list.get(plain);
      if (list.size === 0) {
        const problem = `Cannot find module '${wanted}': the modules for scripts are not built. npm start builds them.`;
        return JSON.stringify({ problem });
      }
      if (found === undefined) return '{}';
      // Another package under this name is worth a note, as is another version.
      const isOther = found.isOther === true || (plain !== name && found.version !== undefined);
      const given = found.isOther === true ? `${found.file} ${found.version}` : `the bundled version ${found.version}`;
      const note = isOther ? `require('${wanted}') gave ${given}.` : undefined;
      return JSON.stringify({ name: found.file ?? found.name, note });
    },

    /** The text of a module that `resolve` has named. */
    read(name) {
      if (!list.has(name)) return '';
      const text = texts.get(name) ?? readFileSync(join(folder, `${encodeURIComponent(name)}.js`), 'utf8');
      texts.set(name, text);
      return text;
    },
  };
}

function readList(folder) {
  try {
    return new Map(JSON.parse(readFileSync(join(folder, 'modules.json'), 'utf8')).map((entry) => [entry.name, entry]));
  } catch {
    return new Map();
  }
}
