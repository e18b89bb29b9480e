/** Cookies we set, and how. `isSecure` follows the issuer's scheme, never the request. */
export type CookieOptions = {
  readonly isSecure: boolean;
  readonly sameSite: 'Lax' | 'None';
  /** undefined: until the browser closes. */
  readonly maxAgeSeconds?: number;
};

/** The value of one cookie of a Cookie header; the first wins. */
export function readCookie(header: string | undefined, name: string): string | undefined {
  if (header === undefined) return undefined;
  for (const part of header.split(';')) {
    const at = part.indexOf('=');
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return undefined;
}

/** `__Host-` where the scheme allows it: then no sibling host and no plain page can plant the cookie. */
export const cookieName = (name: string, isSecure: boolean): string => (isSecure ? `__Host-${name}` : name);

/** A Set-Cookie value. Path is always `/` and the cookie is never readable by a page's script. */
export function setCookie(name: string, value: string, options: CookieOptions): string {
  const parts = [`${cookieName(name, options.isSecure)}=${value}`, 'Path=/', 'HttpOnly'];
  if (options.maxAgeSeconds !== undefined) parts.push(`Max-Age=${options.maxAgeSeconds}`);
  if (options.isSecure) parts.push('Secure');
  // Browsers refuse SameSite=None without Secure; over plain http only same-site pages are served.
  parts.push(`SameSite=${options.isSecure ? options.sameSite : 'Lax'}`);
  return parts.join('; ');
}

export const clearCookie = (name: string, options: CookieOptions): string =>
  setCookie(name, '', { ...options, maxAgeSeconds: 0 });
