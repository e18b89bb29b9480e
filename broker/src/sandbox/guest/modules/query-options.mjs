import { encode } from './oauth-signature.mjs';
import querystring from './querystring.mjs';

/* `qsStringifyOptions` and `useQuerystring`: how lists and objects of a query or a form are written. */
const maxDepth = 8;
const listNames = {
  __proto__: null,
  indices: (prefix, index) => `${prefix}[${index}]`,
  brackets: (prefix) => `${prefix}[]`,
  repeat: (prefix) => prefix,
};

function readListName({ arrayFormat = 'indices', indices }) {
  if (indices === false) return listNames.repeat;
  return listNames[arrayFormat] ?? listNames.indices;
}

function collect(value, prefix, options, depth) {
  if (value === undefined || typeof value === 'function' || depth > maxDepth) return [];
  if (value === null) return options.skipNulls ? [] : [[prefix, '']];
  if (value instanceof Date) return [[prefix, value.toISOString()]];
  if (typeof value !== 'object') return [[prefix, String(value)]];
  const name = (key) => {
    if (prefix === '') return key;
    if (Array.isArray(value)) return options.listName(prefix, key);
    return options.allowDots ? `${prefix}.${key}` : `${prefix}[${key}]`;
  };
  return Object.keys(value).flatMap((key) => collect(value[key], name(key), options, depth + 1));
}

export function writeQuery(value, { useQuerystring, qsStringifyOptions = {} }) {
  if (useQuerystring) {
    const { sep, eq } = qsStringifyOptions;
    return querystring.stringify(value, sep, eq, { encodeURIComponent: encode });
  }
  const { skipNulls, allowDots, delimiter = '&', encode: encodes = true } = qsStringifyOptions;
  const options = { skipNulls, allowDots, listName: readListName(qsStringifyOptions) };
  const write = encodes === false ? String : encode;
  return collect(value, '', options, 0)
    .map(([name, text]) => `${write(name)}=${write(text)}`)
    .join(delimiter);
}
