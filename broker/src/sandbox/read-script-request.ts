import { isJsonObject, type JsonObject } from '../core/json.ts';
import type { OutboundRequest } from '../http/egress.ts';

/** A request as the script asked for it, checked: the host that sent it may be in hands that are not ours. */
export type ScriptRequest = {
  readonly method: OutboundRequest['method'];
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly timeoutMs: number | undefined;
  readonly redirects: number;
  readonly isBinary: boolean;
};

export type RefusedRequest = { readonly refused: string; readonly code: string | undefined };

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const;
const maxUrlLength = 16_384;
const maxHeaders = 100;
const maxHeadersLength = 32_768;
const maxRedirects = 10;
const headerName = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/;

export function readScriptRequest(head: JsonObject, body: Buffer): ScriptRequest | RefusedRequest {
  if (typeof head['refused'] === 'string') return { refused: head['refused'], code: undefined };
  const method = methods.find((known) => known === head['method']);
  if (method === undefined) return { refused: `Invalid method ${JSON.stringify(head['method'])}`, code: undefined };
  const url = readUrl(head['url']);
  if ('refused' in url) return url;
  const headers = readHeaders(head['headers']);
  if ('refused' in headers) return headers;
  if (url.authorization !== undefined) headers.found['authorization'] ??= url.authorization;
  const { timeoutMs, redirects } = head;
  return {
    method,
    url: url.url,
    headers: headers.found,
    body: head['isBase64'] === true ? Buffer.from(body.toString('latin1'), 'base64') : body,
    timeoutMs: typeof timeoutMs === 'number' && timeoutMs > 0 ? Math.ceil(timeoutMs) : undefined,
    redirects: typeof redirects === 'number' && redirects >= 0 ? Math.min(Math.floor(redirects), maxRedirects) : 0,
    isBinary: head['isBinary'] === true,
  };
}

function readUrl(given: unknown): { readonly url: string; readonly authorization?: string } | RefusedRequest {
  if (typeof given !== 'string' || given.length > maxUrlLength) return { refused: 'Invalid URI', code: undefined };
  if (!URL.canParse(given)) return { refused: `Invalid URI ${JSON.stringify(given)}`, code: undefined };
  const url = new URL(given);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    return { refused: `Invalid protocol: ${url.protocol}`, code: undefined };
  }
  if (url.username === '' && url.password === '') return { url: given };
  const credentials = `${decodePercent(url.username)}:${decodePercent(url.password)}`;
  url.username = '';
  url.password = '';
  return { url: url.href, authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function readHeaders(given: unknown): { readonly found: Record<string, string> } | RefusedRequest {
  const found: Record<string, string> = {};
  if (!isJsonObject(given)) return { found };
  const entries = Object.entries(given);
  if (entries.length > maxHeaders) return { refused: 'Too many headers', code: undefined };
  let length = 0;
  for (const [name, value] of entries) {
    // The broker asks for what it can decode.
    if (name === 'accept-encoding') continue;
    if (!headerName.test(name) || name === '__proto__') {
      return {
        refused: `Header name must be a valid HTTP token [${JSON.stringify(name)}]`,
        code: 'ERR_INVALID_HTTP_TOKEN',
      };
    }
    if (typeof value !== 'string' || !headerValue.test(value)) {
      return { refused: `Invalid character in header content [${JSON.stringify(name)}]`, code: 'ERR_INVALID_CHAR' };
    }
    length += name.length + value.length;
    found[name] = value;
  }
  return length > maxHeadersLength ? { refused: 'The headers are too long', code: undefined } : { found };
}
