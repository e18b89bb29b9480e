import { EgressError } from '../core/errors.ts';
import type { OutboundResponse } from './egress.ts';
import type { Hop } from './guarded-fetch-exchange.ts';
import { parseOutboundUrl } from './guarded-fetch-url.ts';

const redirectStatuses = new Set([301, 302, 303, 307, 308]);
const credentials = new Set(['authorization', 'cookie']);

export function isRedirect(response: OutboundResponse): boolean {
  return redirectStatuses.has(response.status) && response.headers.location !== undefined;
}

/** The request that a redirect asks for. Its address is checked like any other when the connection is made. */
export function nextHop(hop: Hop, response: OutboundResponse): Hop {
  const url = parseOutboundUrl(String(response.headers.location), hop.url);
  if (hop.url.protocol === 'https:' && url.protocol !== 'https:') {
    throw new EgressError('denied', 'A redirect from https to http is not followed');
  }
  const isSameOrigin = url.origin === hop.url.origin;
  const keepsMethod = response.status >= 307 || hop.method === 'GET' || hop.method === 'HEAD';
  if (keepsMethod && hop.body !== undefined && !isSameOrigin) {
    throw new EgressError('denied', 'A redirect that sends the body to another origin is not followed');
  }
  // RFC 9110 §15.4: 303 asks for a GET; browsers do the same with 301 and 302 after a POST.
  return {
    url,
    method: keepsMethod ? hop.method : 'GET',
    headers: hop.headers.length === 0 ? [] : keptHeaders(hop.headers, { isSameOrigin, keepsBody: keepsMethod }),
    body: keepsMethod ? hop.body : undefined,
    maxBytes: hop.maxBytes,
  };
}

function keptHeaders(headers: readonly string[], keeps: { isSameOrigin: boolean; keepsBody: boolean }): string[] {
  const kept: string[] = [];
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index] ?? '';
    const lowerName = name.toLowerCase();
    if (!keeps.isSameOrigin && credentials.has(lowerName)) continue;
    if (!keeps.keepsBody && lowerName.startsWith('content-')) continue;
    kept.push(name, headers[index + 1] ?? '');
  }
  return kept;
}
