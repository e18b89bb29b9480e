const forbiddenSchemes = new Set([
  'javascript:',
  'data:',
  'vbscript:',
  'file:',
  'blob:',
  'about:',
  'intent:',
  'view-source:',
]);

/** Why an address cannot be a callback; undefined: it can. Custom schemes of native applications can (RFC 8252 §7.1). */
export function problemOfCallback(url: string): string | undefined {
  const parsed = URL.parse(url);
  if (parsed === null) return 'is not a URL';
  if (forbiddenSchemes.has(parsed.protocol)) return `must not use the scheme ${parsed.protocol}`;
  if (url.includes('#')) return 'must not have a fragment';
  if (parsed.username !== '' || parsed.password !== '') return 'must not have a user name';
  if (parsed.hostname.includes('*')) return 'must not have a wildcard host';
  if (/[\s\\\p{Cc}]/u.test(url)) return 'must not have white space, backslashes or control characters';
  return undefined;
}

/** Up to the star, and from there on. Two labels must follow, so that a wildcard never is half of the web. */
const wildcard = /^(https?:\/\/[a-z0-9-]*)\*([a-z0-9-]*(?:\.[a-z0-9-]+){2,}(?::\d+)?(?:[/?#].*)?)$/;

export const hasWildcard = (url: string): boolean => wildcard.test(url);

/** As problemOfCallback, for a list that may hold Auth0's wildcards: one `*` in the left-most label of an http host. */
export function problemOfListed(url: string): string | undefined {
  const [, before, after] = wildcard.exec(url) ?? [];
  // What any of the addresses may not be, all of them may not be.
  return problemOfCallback(before === undefined ? url : `${before}a${after}`);
}

/** One label in place of the star: letters, digits and hyphens, nothing that two parsers could read differently. */
const label = /^[a-z0-9-]{1,63}$/;

/** Whether the address is on the list, to the letter but for the one label of a wildcard. */
export function isListed(listed: readonly string[], url: string): boolean {
  if (hasWildcard(url)) return false;
  return listed.includes(url) || listed.some((entry) => matchesWildcard(entry, url));
}

function matchesWildcard(entry: string, url: string): boolean {
  if (!entry.includes('*')) return false;
  const [, before, after] = wildcard.exec(entry) ?? [];
  if (before === undefined || after === undefined) return false;
  if (!url.startsWith(before) || !url.endsWith(after) || url.length <= before.length + after.length) return false;
  return label.test(url.slice(before.length, url.length - after.length));
}

/** Whether only one party in the world can answer there: not on the person's own device, not a scheme that any program claims. */
export function isProvenCallback(url: string): boolean {
  const parsed = URL.parse(url);
  if (parsed === null || (parsed.protocol !== 'https:' && parsed.protocol !== 'http:')) return false;
  const { hostname } = parsed;
  return !(/(?:^|\.)localhost\.?$/.test(hostname) || /^127\./.test(hostname) || hostname === '[::1]');
}
