import { hash } from 'node:crypto';

/** A page's own script: constant text, so that its hash is computed once and no nonce is needed. */
export type PageScript = { readonly body: string; readonly source: string };

export const cspHash = (body: string): string => `'sha256-${hash('sha256', body, 'base64')}'`;

export const prepareScript = (body: string): PageScript => ({ body, source: cspHash(body) });

/**
 * The origin of a URL as a CSP source. A host may hold `;`, `,` and `*`, which mean something in a policy, so only
 * plain hosts pass; an IPv6 literal has no spelling in a policy and gives undefined.
 */
export function cspOrigin(url: string): string | undefined {
  const { protocol, host, origin } = new URL(url);
  if (protocol !== 'https:' && protocol !== 'http:') throw new TypeError(`not a web address: ${protocol}`);
  if (host.startsWith('[')) return undefined;
  if (!/^[a-z0-9._-]+(?::\d+)?$/.test(host)) throw new TypeError('the host cannot stand in a content security policy');
  return origin;
}
