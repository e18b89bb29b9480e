const { URL } = globalThis;
const maxCookies = 100;

/** One cookie as a server sets it (RFC 6265 §5.2). */
class Cookie {
  constructor({ key, value, attributes }) {
    this.key = key;
    this.value = value;
    this.domain = attributes.domain?.replace(/^\./, '').toLowerCase() || null;
    this.path = attributes.path?.startsWith('/') ? attributes.path : null;
    this.secure = attributes.secure !== undefined;
    this.httpOnly = attributes.httponly !== undefined;
    const seconds = /^-?\d+$/.test(attributes['max-age'] ?? '') ? Number(attributes['max-age']) : undefined;
    const expiresAt = seconds === undefined ? Date.parse(attributes.expires) : Date.now() + seconds * 1000;
    this.expires = Number.isNaN(expiresAt) ? 'Infinity' : new Date(expiresAt);
  }
  cookieString() {
    return this.key === '' ? this.value : `${this.key}=${this.value}`;
  }
  toString() {
    return this.cookieString();
  }
}

export function parseCookie(text) {
  const [pair = '', ...rest] = String(text).split(';');
  const at = pair.indexOf('=');
  const attributes = { __proto__: null };
  for (const part of rest) {
    const [name, ...value] = part.split('=');
    attributes[name.trim().toLowerCase()] = value.join('=').trim();
  }
  const key = at === -1 ? '' : pair.slice(0, at).trim();
  return new Cookie({ key, value: pair.slice(at + 1).trim(), attributes });
}

const directoryOf = (pathname) => (pathname.lastIndexOf('/') < 1 ? '/' : pathname.slice(0, pathname.lastIndexOf('/')));
const isBelow = (pathname, path) =>
  pathname === path || (pathname.startsWith(path) && (path.endsWith('/') || pathname[path.length] === '/'));
const isWithin = (host, domain) => host === domain || host.endsWith(`.${domain}`);

/** Cookies of one run; nothing is kept after it. */
class CookieJar {
  #held = [];
  setCookie(given, uri) {
    const { hostname, pathname } = new URL(String(uri));
    const cookie = given instanceof Cookie ? given : parseCookie(given);
    const { domain } = cookie;
    // RFC 6265 §5.3: nobody sets cookies for a host that is not theirs, nor for a whole top-level domain.
    const isTheirs = domain === null || domain === hostname || (isWithin(hostname, domain) && /\w\.\w/.test(domain));
    if (!isTheirs) return undefined;
    const path = cookie.path ?? directoryOf(pathname);
    const entry = { cookie, domain: domain ?? hostname, isHostOnly: domain === null, path };
    const isSame = (held) => held.cookie.key === cookie.key && held.domain === entry.domain && held.path === entry.path;
    this.#held = this.#held.filter((held) => !isSame(held)).concat(entry);
    if (this.#held.length > maxCookies) this.#held.shift();
    return cookie;
  }
  getCookies(uri) {
    const { hostname, pathname, protocol } = new URL(String(uri));
    return this.#held
      .filter(
        ({ cookie, domain, isHostOnly, path }) =>
          (isHostOnly ? hostname === domain : isWithin(hostname, domain)) &&
          isBelow(pathname, path) &&
          (!cookie.secure || protocol === 'https:') &&
          (cookie.expires === 'Infinity' || cookie.expires.getTime() > Date.now()),
      )
      .sort((left, right) => right.path.length - left.path.length)
      .map(({ cookie }) => cookie);
  }
  getCookieString(uri) {
    return this.getCookies(uri).join('; ');
  }
}

export const createJar = () => new CookieJar();
