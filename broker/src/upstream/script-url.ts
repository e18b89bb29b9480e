import { UpstreamError } from '../core/errors.ts';
import type { Json } from '../core/json.ts';

/** Servers and proxies take request lines of about this length, and no more. */
const maxLength = 8_000;

/** An address that a script gave, as one a browser may be sent to. Nothing of it is in the message: it may carry a state. */
export function parseScriptUrl(value: Json, what: string): URL {
  if (typeof value !== 'string') throw bad(`The ${what} is not a text`);
  if (value.length > maxLength) throw bad(`The ${what} is longer than ${maxLength} characters`);
  // The parser would drop line breaks without a word, so that what was checked is not what was written.
  if (/\p{Cc}/u.test(value)) throw bad(`The ${what} has a control character in it`);
  const url = URL.parse(value);
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:';
  if (url === null || !isWeb || url.username !== '' || url.password !== '') {
    throw bad(`The ${what} is not an http or https address without a user name`);
  }
  url.hash = '';
  return url;
}

const bad = (message: string): UpstreamError => new UpstreamError('configuration', 'script_url', message);
