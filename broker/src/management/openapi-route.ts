import { createHash } from 'node:crypto';
import { cachedJsonReply } from '../http/reply.ts';
import { header, type Route } from '../http/route.ts';
import type { Endpoint } from './endpoint.ts';
import { openApiOf } from './openapi.ts';
import { renderError } from './routes.ts';

/**
 * `GET /api/v2/openapi.json`: what Portico serves, for everybody; it says nothing about this tenant but where it is. Made
 * when it is first asked for, and then as it is until the end.
 */
export function openApiRoute(endpoints: readonly Endpoint[], issuerUrl: string): Route {
  let made: { readonly text: string; readonly etag: string } | undefined;
  const make = () => {
    const text = JSON.stringify(openApiOf(endpoints, issuerUrl));
    return { text, etag: `"${createHash('sha256').update(text).digest('base64url').slice(0, 27)}"` };
  };
  return {
    method: 'GET',
    path: '/api/v2/openapi.json',
    answers: renderError,
    handle(request) {
      made ??= make();
      const { text, etag } = made;
      const reply = cachedJsonReply(text, 300);
      const headers = { ...reply.headers, etag };
      const known = header(request, 'if-none-match')?.split(',') ?? [];
      // RFC 9110 §13.1.2: compared weakly.
      const isKnown = known.some((tag) => tag.trim().replace(/^W\//, '') === etag);
      return isKnown ? { status: 304, headers, body: '' } : { ...reply, headers };
    },
  };
}
