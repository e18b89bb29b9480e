import { domainToUnicode } from 'node:url';
import type { ConnectionOptions } from './connection.ts';

/** The options that are addresses of a provider, or of something that it shows. */
export const providerAddresses = [
  'authorizationURL',
  'tokenURL',
  'userInfoURL',
  'logoutUrl',
  'icon_url',
  'discovery_url',
  'jwks_uri',
] as const;

const hostOf = /^(https?:\/\/)([^/?#]*)/;

/** With its host as DNS has it (punycode), the rest to the letter; what is no address stays as it is. */
function toAsciiHost(address: string): string {
  const [whole = '', scheme = '', host = ''] = hostOf.exec(address) ?? [];
  const url = /^[\w.:[\]-]*$/.test(host) ? null : URL.parse(address);
  return url === null ? address : `${scheme}${url.host}${address.slice(whole.length)}`;
}

/** A look-alike of a host looks different once it is stored, and is compared as what it is. */
export function withAsciiHosts(options: ConnectionOptions): ConnectionOptions {
  const changed = providerAddresses.flatMap((name) => {
    const address: unknown = options[name];
    return typeof address === 'string' ? [[name, toAsciiHost(address)]] : [];
  });
  return { ...options, ...Object.fromEntries(changed) };
}

/** What a person reads where the host says `xn--`; undefined: it is what it looks like. */
export function unicodeHostOf(address: unknown): { readonly ascii: string; readonly unicode: string } | undefined {
  const ascii = typeof address === 'string' ? URL.parse(address)?.hostname : undefined;
  const unicode = ascii === undefined ? '' : domainToUnicode(ascii);
  return ascii === undefined || unicode === '' || unicode === ascii ? undefined : { ascii, unicode };
}
