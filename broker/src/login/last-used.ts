import type { ConnectionId } from '../core/ids.ts';
import { cookieName, readCookie, setCookie } from '../http/cookies.ts';
import { type HttpRequest, header } from '../http/route.ts';

/*
 * Which connection was used last in this browser. The cookie names a connection and no person, and it is good for the
 * order of buttons only: whoever forges it moves a button.
 */

const name = 'used';
const lifetimeSeconds = 31_536_000;

const isSecure = (issuerUrl: string): boolean => issuerUrl.startsWith('https:');

export const readLastUsed = (issuerUrl: string, request: HttpRequest): string | undefined =>
  readCookie(header(request, 'cookie'), cookieName(name, isSecure(issuerUrl)));

/** None where the browser knows already. */
export function lastUsedCookies(issuerUrl: string, request: HttpRequest, id: ConnectionId): readonly string[] {
  if (readLastUsed(issuerUrl, request) === id) return [];
  const options = { isSecure: isSecure(issuerUrl), sameSite: 'Lax', maxAgeSeconds: lifetimeSeconds } as const;
  return [setCookie(name, id, options)];
}
