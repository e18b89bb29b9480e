/** Node leaves `!'()*` as they are. */
const escapeText = (text) => encodeURIComponent(text);

function unescapeText(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return globalThis.unescape(text);
  }
}

const primitive = (value) =>
  typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint' || Number.isFinite(value)
    ? String(value)
    : '';

export function stringify(values, separator = '&', equals = '=', options = {}) {
  if (typeof values !== 'object' || values === null) return '';
  const encode = options?.encodeURIComponent ?? querystring.escape;
  return Object.keys(values)
    .flatMap((name) => {
      const list = Array.isArray(values[name]) ? values[name] : [values[name]];
      return list.map((value) => `${encode(name)}${equals}${encode(primitive(value))}`);
    })
    .join(separator);
}

export function parse(text, separator = '&', equals = '=', options = {}) {
  const found = Object.create(null);
  if (typeof text !== 'string' || text === '') return found;
  const decode = options?.decodeURIComponent ?? querystring.unescape;
  for (const part of text.split(separator).slice(0, 1000)) {
    if (part === '') continue;
    const at = part.indexOf(equals);
    const plain = (piece) => decode(piece.replace(/\+/g, ' '));
    const name = plain(at === -1 ? part : part.slice(0, at));
    const value = at === -1 ? '' : plain(part.slice(at + equals.length));
    if (!(name in found)) found[name] = value;
    else if (Array.isArray(found[name])) found[name].push(value);
    else found[name] = [found[name], value];
  }
  return found;
}

const querystring = { escape: escapeText, unescape: unescapeText, stringify, parse, encode: stringify, decode: parse };

export default querystring;
