import type { Seeded } from '../differential/seeded.ts';

/*
 * What goes wrong with a text on its way: pieces cut, doubled, put elsewhere, and things in it that parsers stumble over.
 */

const disturbing = [
  '%00',
  '%0d%0aLocation:%20https://evil.example/',
  '%ff%fe',
  '%c0%80',
  '%ed%a0%80',
  '%u0041',
  '%',
  '%%',
  '%zz',
  '&',
  '&&&',
  '=',
  '==',
  ';',
  '+',
  '%2b',
  '%26',
  '[]',
  '[0]',
  '[__proto__]',
  '&__proto__=x',
  '&constructor[prototype]=x',
  '&toString=',
  '&hasOwnProperty=1',
  '&client_id=spa',
  '&client_id=',
  '&redirect_uri=https://evil.example/',
  '&redirect_uri=javascript:alert(1)',
  '&state=<script>',
  '&response_mode=form_post',
  '&response_mode=web_message',
  '&prompt=none',
  '&request_uri=urn:ietf:params:oauth:request_uri:',
  '&request=eyJhbGciOiJub25lIn0..',
  '&grant_type=password',
  '&scope=openid%20openid',
  '&max_age=-1',
  '&nonce=%00',
  '&resource=x&resource=y',
  '&organization=org_1',
  '&claims=%7B',
  'https://evil.example',
  '//evil.example/',
  '\\evil.example',
  '@evil.example',
  '#fragment',
  '?query',
  "'--",
  '%22%3E%3Cimg%20src=x%3E',
  '%F0%9F%99%82',
  '%E2%80%AE',
  '{"a":',
  '9'.repeat(400),
  'a'.repeat(5_000),
  '&x=y'.repeat(300),
] as const;

type Bend = (seeded: Seeded, text: string) => string;

const cut: Bend = (seeded, text) => {
  const from = seeded.below(text.length + 1);
  return text.slice(0, from) + text.slice(from + 1 + seeded.below(12));
};
const double: Bend = (seeded, text) => {
  const from = seeded.below(text.length + 1);
  const piece = text.slice(from, from + 1 + seeded.below(60));
  return text.slice(0, from) + piece + text.slice(from);
};
const move: Bend = (seeded, text) => {
  const at = seeded.below(text.length + 1);
  return text.slice(at) + text.slice(0, at);
};
const insert: Bend = (seeded, text) => {
  const at = seeded.below(text.length + 1);
  return text.slice(0, at) + seeded.pick(disturbing) + text.slice(at);
};
const append: Bend = (seeded, text) => text + seeded.pick(disturbing);
const replaceOne: Bend = (seeded, text) => {
  const at = seeded.below(text.length + 1);
  return text.slice(0, at) + String.fromCharCode(0x21 + seeded.below(94)) + text.slice(at + 1);
};
/** One value becomes something that disturbs. */
const replaceValue: Bend = (seeded, text) => {
  const pairs = text.split('&');
  const index = seeded.below(pairs.length);
  return pairs
    .map((pair, at) => (at === index ? `${pair.split('=', 1)[0]}=${seeded.pick(disturbing)}` : pair))
    .join('&');
};
const shuffle: Bend = (seeded, text) =>
  text
    .split('&')
    .map((pair) => ({ pair, at: seeded.below(1000) }))
    .sort((left, right) => left.at - right.at)
    .map(({ pair }) => pair)
    .join('&');

const bends: readonly Bend[] = [
  cut,
  double,
  move,
  insert,
  insert,
  append,
  append,
  replaceOne,
  replaceOne,
  replaceValue,
  replaceValue,
  shuffle,
];

/** One to four of them, one after the other. */
export function bendText(seeded: Seeded, text: string): string {
  let bent = text;
  for (let left = 1 + seeded.below(4); left > 0; left -= 1) bent = seeded.pick(bends)(seeded, bent);
  return bent;
}

const headerNames = [
  'authorization',
  'dpop',
  'content-type',
  'accept-language',
  'origin',
  'x-forwarded-host',
  'x-forwarded-for',
  'x-forwarded-proto',
  'auth0-client',
  'cookie',
  'accept',
] as const;

const headerValues = [
  '',
  'null',
  'Basic',
  'Basic Og==',
  'Basic d2ViOg==',
  'Basic %%%',
  'Bearer x.y.z',
  'DPoP eyJ.eyJ.x',
  'eyJhbGciOiJub25lIn0.e30.',
  'application/json',
  'application/json; charset=utf-7',
  'application/x-www-form-urlencoded; charset=x',
  'multipart/form-data; boundary=--',
  'text/html',
  'ar-EG,*;q=0',
  '*',
  `de${',de'.repeat(500)}`,
  'https://evil.example',
  'evil.example',
  '127.0.0.1, 10.0.0.1',
  'auth0=x; auth0_compat=y; did=z',
  '__Host-auth0=%00',
  'a'.repeat(3_000),
] as const;

/** Headers that a request has now and then. */
export function bendHeaders(
  seeded: Seeded,
  headers: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  if (seeded.below(4) > 0) return headers;
  return { ...headers, [seeded.pick(headerNames)]: seeded.pick(headerValues) };
}
