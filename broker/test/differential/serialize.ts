import type { Draft, Encoding, Endpoint, Handles } from './draft.ts';

/** A request as it goes over the wire, and as the list of differences looks at it. */
export type Sent = {
  readonly draft: Draft;
  readonly path: string;
  readonly body: string | null;
  readonly headers: Readonly<Record<string, string>>;
  /** What a form parser reads out of it, in order. */
  readonly parameters: URLSearchParams;
  readonly handles: Handles;
};

const paths: Readonly<Record<Endpoint, string>> = {
  authorize: '/authorize',
  token: '/oauth/token',
  par: '/oauth/par',
  revoke: '/oauth/revoke',
  device: '/oauth/device/code',
};

export function serialize(draft: Draft, handles: Handles): Sent {
  const pairs = draft.pairs.map(({ name, value }): [string, string] => [
    name,
    typeof value === 'string' ? value : value(handles),
  ]);
  const text = `${write(pairs, draft.encoding)}${draft.tail}`;
  const parameters = new URLSearchParams(draft.encoding === 'json' ? pairs : text);
  const headers = {
    ...(draft.authorization === undefined ? {} : { authorization: draft.authorization }),
    ...(draft.contentType === undefined ? {} : { 'content-type': draft.contentType }),
    ...(draft.proof === undefined ? {} : { dpop: draft.proof(handles, paths[draft.endpoint]) }),
  };
  const path = `${paths[draft.endpoint]}${draft.query}`;
  if (draft.method === 'GET') return { draft, path: `${path}?${text}`, body: null, headers, parameters, handles };
  return { draft, path, body: text, headers, parameters, handles };
}

function write(pairs: readonly [string, string][], encoding: Encoding): string {
  if (encoding === 'json') return JSON.stringify(Object.fromEntries(pairs));
  const { name: writeName, value: writeValue } = writers[encoding];
  return pairs.map(([name, value]) => `${writeName(name)}=${writeValue(value)}`).join('&');
}

const form = (text: string): string => new URLSearchParams({ '': text }).toString().slice(1);
const percent = (text: string): string => encodeURIComponent(text);
const lowerCase = (text: string): string => percent(text).replace(/%../g, (byte) => byte.toLowerCase());
const everyByte = (text: string): string =>
  [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0').toUpperCase()}`).join('');

type Writer = { readonly name: (text: string) => string; readonly value: (text: string) => string };

const writers: Readonly<Record<Exclude<Encoding, 'json'>, Writer>> = {
  form: { name: form, value: form },
  'percent-20': { name: percent, value: percent },
  'lower-case escapes': { name: percent, value: lowerCase },
  'every byte': { name: percent, value: everyByte },
  'escaped names': { name: everyByte, value: form },
};
