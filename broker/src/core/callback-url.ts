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
