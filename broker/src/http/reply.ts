import type { HttpReply } from './route.ts';

const baseHeaders = { 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' } as const;
const jsonHeaders = {
  ...baseHeaders,
  'content-type': 'application/json; charset=utf-8',
  'cache-control': 'no-store',
  pragma: 'no-cache',
};

export const jsonReply = (status: number, body: unknown, headers: HttpReply['headers'] = {}): HttpReply => ({
  status,
  headers: { ...jsonHeaders, ...headers },
  body: JSON.stringify(body),
});

/** Public documents that may be kept for a while: discovery, keys. `body` is serialised once by the caller. */
export const cachedJsonReply = (body: string, maxAgeSeconds: number): HttpReply => ({
  status: 200,
  headers: {
    ...baseHeaders,
    'content-type': 'application/json; charset=utf-8',
    'cache-control': `public, max-age=${maxAgeSeconds}`,
    'access-control-allow-origin': '*',
  },
  body,
});

export const textReply = (status: number, body: string, headers: HttpReply['headers'] = {}): HttpReply => ({
  status,
  headers: { ...baseHeaders, 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store', ...headers },
  body,
});

/** RFC 9700 §4.12: 303 after a POST and 302 after a GET, never 307 or 308, which would repeat a form elsewhere. */
export const redirectReply = (status: 302 | 303, location: string, cookies: readonly string[] = []): HttpReply => ({
  status,
  headers: {
    ...baseHeaders,
    'cache-control': 'no-store',
    location,
    ...(cookies.length === 0 ? {} : { 'set-cookie': cookies }),
  },
  body: '',
});

export const pageReply = (
  status: number,
  page: { readonly html: string; readonly headers: Readonly<Record<string, string>> },
  cookies: readonly string[] = [],
): HttpReply => ({
  status,
  headers: { ...page.headers, ...(cookies.length === 0 ? {} : { 'set-cookie': cookies }) },
  body: page.html,
});
