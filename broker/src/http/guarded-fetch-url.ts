import { EgressError } from '../core/errors.ts';

/** http and https, no user name or password, and none of the characters that URL parsers drop without a word. */
export function parseOutboundUrl(text: string, base?: URL): URL {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused.
  const url = /[\u0000-\u0020\u007f]/.test(text) ? null : URL.parse(text, base?.href);
  const isFine = url && (url.protocol === 'https:' || url.protocol === 'http:') && !url.username && !url.password;
  if (!isFine) throw new EgressError('invalid_url', 'The URL must be http or https, without user name and password');
  return url;
}
