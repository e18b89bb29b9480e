import querystring from './querystring.mjs';

const { URL, URLSearchParams } = globalThis;
const parts = /^(?:([A-Za-z][A-Za-z0-9.+-]*:))?(?:(\/\/)([^/?#]*)(?![^/?#]))?([^?#]*)(\?[^#]*)?(#.*)?$/s;

/** Node's older form of an address: an object of strings, null for what is not there. */
function Url() {
  for (const name of [
    'protocol',
    'slashes',
    'auth',
    'host',
    'port',
    'hostname',
    'hash',
    'search',
    'query',
    'pathname',
    'path',
    'href',
  ])
    this[name] = null;
}

function readHost(url, text) {
  const at = text.lastIndexOf('@');
  if (at !== -1) url.auth = querystring.unescape(text.slice(0, at));
  url.host = text.slice(at + 1).toLowerCase();
  const port = /:(\d*)$/.exec(url.host);
  url.port = port === null || port[1] === '' ? null : port[1];
  url.hostname = (port === null ? url.host : url.host.slice(0, port.index)).replace(/^\[|\]$/g, '');
}

export function parse(text, parsesQuery = false) {
  if (text instanceof Url) return text;
  if (typeof text !== 'string') throw new TypeError('The "url" argument must be of type string.');
  const url = new Url();
  const [, protocol, slashes, authority = '', rest = '', search, hash] = parts.exec(text.trim()) ?? [];
  url.protocol = protocol === undefined ? null : protocol.toLowerCase();
  if (slashes !== undefined) {
    url.slashes = true;
    readHost(url, authority);
  }
  url.pathname = rest;
  if (url.pathname === '') url.pathname = slashes !== undefined ? '/' : null;
  url.search = search ?? (parsesQuery ? '' : null);
  const query = (search ?? '').slice(1);
  url.query = parsesQuery ? querystring.parse(query) : search === undefined ? null : query;
  url.hash = hash ?? null;
  url.path = url.pathname === null && url.search === null ? null : `${url.pathname ?? ''}${url.search ?? ''}`;
  url.href = format(url);
  return url;
}

export function format(url) {
  if (typeof url === 'string') return parse(url).href;
  if (url instanceof URL) return url.href;
  const protocol = url.protocol ? (url.protocol.endsWith(':') ? url.protocol : `${url.protocol}:`) : '';
  const auth = url.auth ? `${encodeURIComponent(url.auth).replace(/%3A/i, ':')}@` : '';
  const host = url.host ?? (url.hostname ? `${url.hostname}${url.port ? `:${url.port}` : ''}` : undefined);
  const hasSlashes = url.slashes || /^(https?|ftp):$/.test(protocol);
  const authority = host === undefined || host === null ? '' : `${hasSlashes ? '//' : ''}${auth}${host}`;
  const query =
    typeof url.query === 'object' && url.query !== null ? querystring.stringify(url.query) : (url.query ?? '');
  const search = url.search || (query === '' ? '' : `?${query}`);
  const pathname = url.pathname ?? '';
  const path = authority !== '' && pathname !== '' && pathname[0] !== '/' ? `/${pathname}` : pathname;
  return `${protocol}${authority}${path}${search === '' || search[0] === '?' ? search : `?${search}`}${url.hash ?? ''}`;
}

export function resolve(from, to) {
  try {
    return new URL(to, from).href;
  } catch {
    const base = new URL(from, 'resolve://host');
    const { protocol, pathname, search, hash, href } = new URL(to, base);
    return protocol === 'resolve:' ? `${pathname}${search}${hash}` : href;
  }
}

export const urlToHttpOptions = (url) => ({
  protocol: url.protocol,
  hostname: url.hostname,
  port: url.port,
  path: `${url.pathname}${url.search}`,
  href: url.href,
});

export default { URL, URLSearchParams, Url, parse, format, resolve, urlToHttpOptions };
