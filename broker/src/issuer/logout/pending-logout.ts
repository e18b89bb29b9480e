import { isJsonObject } from '../../core/json.ts';
import { clearCookie, cookieName, readCookie, setCookie } from '../../http/cookies.ts';
import { type HttpRequest, header } from '../../http/route.ts';

/**
 * Where a person wants to go after the upstream has signed them out. It waits in the browser and proves nothing: whoever
 * reads it compares the address with the lists once more.
 */
export type PendingLogout = {
  readonly endpoint: 'v2' | 'oidc';
  readonly clientId: string | undefined;
  /** Without the state. undefined: none, or the client's first. */
  readonly target: string | undefined;
  readonly state: string | undefined;
};

const name = 'logout';
const lifetimeSeconds = 600;
/** A browser keeps about 4,096 bytes of a cookie. */
const maxLength = 3_500;

const optionsFor = (issuerUrl: string) => ({ isSecure: issuerUrl.startsWith('https:'), sameSite: 'Lax' as const });

/** A wish that is too long for a cookie is dropped: the person then ends on our own page. */
export function pendingLogoutCookie(issuerUrl: string, pending: PendingLogout): string {
  const value = Buffer.from(JSON.stringify(pending)).toString('base64url');
  if (value.length > maxLength) return clearPendingLogout(issuerUrl);
  return setCookie(name, value, { ...optionsFor(issuerUrl), maxAgeSeconds: lifetimeSeconds });
}

export const clearPendingLogout = (issuerUrl: string): string => clearCookie(name, optionsFor(issuerUrl));

export function readPendingLogout(issuerUrl: string, request: HttpRequest): PendingLogout | undefined {
  const value = readCookie(header(request, 'cookie'), cookieName(name, optionsFor(issuerUrl).isSecure));
  if (value === undefined || value === '' || value.length > maxLength) return undefined;
  const told = parse(Buffer.from(value, 'base64url').toString('utf8'));
  if (!isJsonObject(told)) return undefined;
  const text = (member: string): string | undefined =>
    typeof told[member] === 'string' ? (told[member] as string) : undefined;
  return {
    endpoint: told['endpoint'] === 'oidc' ? 'oidc' : 'v2',
    clientId: text('clientId'),
    target: text('target'),
    state: text('state'),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
