import { createHmac } from 'node:crypto';
import { hashHandle } from '../core/hash.ts';
import type { HandleHash } from '../core/ids.ts';
import type { Random } from '../core/random.ts';
import { cookieName, readCookie, setCookie } from '../http/cookies.ts';
import { type HttpRequest, header } from '../http/route.ts';

/*
 * The browser's device secret: a cookie that binds a transaction to the browser that began it. The store knows its
 * hash only. PKCE verifier and nonce toward the upstream are derived from it and the state, so they are stored nowhere
 * and neither the database nor a leaked callback URL gives them away.
 */

const deviceCookie = 'did';
const lifetimeSeconds = 31_536_000;

export type Browser = { readonly secret: string; readonly hash: HandleHash };

export type Browsers = {
  find(request: HttpRequest): Browser | undefined;
  /** The browser's own, or a new one with the cookie that makes it known. */
  findOrCreate(request: HttpRequest): Browser & { readonly cookies: readonly string[] };
};

export function createBrowsers(deps: { readonly random: Random; readonly isSecure: boolean }): Browsers {
  const name = cookieName(deviceCookie, deps.isSecure);
  const find = (request: HttpRequest): Browser | undefined => {
    const secret = readCookie(header(request, 'cookie'), name);
    return secret?.startsWith('did_') ? { secret, hash: hashHandle(secret) as HandleHash } : undefined;
  };
  return {
    find,
    findOrCreate(request) {
      const known = find(request);
      if (known !== undefined) return { ...known, cookies: [] };
      const secret = deps.random.token('did_');
      const options = { isSecure: deps.isSecure, sameSite: 'Lax', maxAgeSeconds: lifetimeSeconds } as const;
      return { secret, hash: hashHandle(secret) as HandleHash, cookies: [setCookie(deviceCookie, secret, options)] };
    },
  };
}

/** 43 characters of base64url each: what RFC 7636 §4.1 asks of a verifier, and plenty for a nonce. */
export const deriveVerifier = (browser: Browser, state: string): string => derive(browser, 'verifier', state);
export const deriveNonce = (browser: Browser, state: string): string => derive(browser, 'nonce', state);
/** What only this browser can bring back for a device that its person connects. */
export const deriveActivation = (browser: Browser, purpose: string): string => derive(browser, 'activation', purpose);

const derive = ({ secret }: Browser, purpose: string, state: string): string =>
  createHmac('sha256', secret).update(`${purpose} ${state}`).digest('base64url');
