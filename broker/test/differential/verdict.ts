import type { Endpoint } from './draft.ts';

/*
 * What a server decided, whatever it looks like: the two servers differ in words, statuses and pages.
 */

export type Response = {
  readonly status: number;
  readonly location: string | undefined;
  readonly body: string;
};

export type Verdict =
  /** A code or tokens. */
  | { readonly kind: 'answers' }
  /** The request is fine, the person has to sign in. */
  | { readonly kind: 'asks' }
  | { readonly kind: 'refuses'; readonly by: 'page' | 'redirect' | 'json'; readonly error: string }
  | { readonly kind: 'breaks'; readonly why: string };

export function readVerdict(endpoint: Endpoint, response: Response, url: string): Verdict {
  if (response.status >= 500) return { kind: 'breaks', why: `status ${response.status}` };
  return endpoint === 'authorize' ? readAuthorizeVerdict(response, url) : readDirectVerdict(endpoint, response);
}

/** What an answer must have; a revocation says nothing. */
const given: Readonly<Record<Exclude<Endpoint, 'authorize'>, string | undefined>> = {
  token: 'access_token',
  par: 'request_uri',
  device: 'device_code',
  revoke: undefined,
};

function readDirectVerdict(endpoint: Exclude<Endpoint, 'authorize'>, { status, body }: Response): Verdict {
  const answer = parseObject(body);
  const member = given[endpoint];
  const isGiven = member === undefined ? body === '' : typeof answer?.[member] === 'string';
  if ((status === 200 || status === 201) && isGiven) return { kind: 'answers' };
  if (status >= 400 && typeof answer?.error === 'string') return { kind: 'refuses', by: 'json', error: answer.error };
  return { kind: 'breaks', why: `status ${status} with ${body.slice(0, 80)}` };
}

function readAuthorizeVerdict(response: Response, url: string): Verdict {
  const answer = readAnswer(response, url);
  if (answer === 'asks') return { kind: 'asks' };
  if (answer !== undefined) {
    const error = answer.fields.error;
    return error === undefined ? { kind: 'answers' } : { kind: 'refuses', by: 'redirect', error };
  }
  if (response.status >= 400) return { kind: 'refuses', by: 'page', error: codeOnPage(response.body) };
  return { kind: 'breaks', why: `status ${response.status} without an answer` };
}

/** What goes to an application, and where to. */
export type Answer = { readonly target: string; readonly fields: Readonly<Record<string, string>> };

export function readAnswer({ location, body }: Response, url: string): Answer | 'asks' | undefined {
  if (location !== undefined) {
    const absolute = new URL(location, url);
    if (absolute.origin === new URL(url).origin) return 'asks';
    const fields = [...absolute.searchParams, ...new URLSearchParams(absolute.hash.slice(1))];
    return { target: location.split(/[?#]/, 1)[0] ?? '', fields: Object.fromEntries(fields) };
  }
  return readFormPost(body) ?? readWebMessage(body);
}

function readFormPost(body: string): Answer | undefined {
  const action = /<form method="post" action="([^"]*)"/.exec(body)?.[1];
  if (action === undefined) return undefined;
  const inputs = body.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g);
  const fields = [...inputs].map(([, name = '', value = '']) => [unescapeHtml(name), unescapeHtml(value)]);
  return { target: unescapeHtml(action), fields: Object.fromEntries(fields) };
}

function readWebMessage(body: string): Answer | undefined {
  const [, theirs, ours] = /var data = (\{.*\});$|id="message">([^<]*)</m.exec(body) ?? [];
  const text = theirs ?? ours;
  const message = text === undefined ? undefined : parseObject(text);
  if (message === undefined) return undefined;
  return { target: String(message.targetOrigin), fields: message.response as Record<string, string> };
}

const codeOnPage = (body: string): string => /<code>([a-z_]+): /.exec(body)?.[1] ?? 'unknown';

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#x27': "'" };
const unescapeHtml = (text: string): string =>
  text.replace(/&(#?\w+);/g, (whole, name: string) => entities[name] ?? fromNumber(name) ?? whole);

function fromNumber(name: string): string | undefined {
  const match = /^#(x?)([0-9a-f]+)$/i.exec(name);
  return match === null ? undefined : String.fromCodePoint(Number.parseInt(match[2] ?? '', match[1] === '' ? 10 : 16));
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
