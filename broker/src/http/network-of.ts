import ipaddr from 'ipaddr.js';
import { attemptKeyOf } from '../core/attempt-limit.ts';

/**
 * Whom an address counts for; undefined: nobody. An address that is not public belongs to the operator's own network, or
 * to a proxy that PORTICO_TRUST_PROXY does not name, behind which all people would share one limit.
 */
export function networkOf(ip: string): string | undefined {
  if (!ipaddr.isValid(ip)) return undefined;
  const address = ipaddr.process(ip);
  return address.range() === 'unicast' ? attemptKeyOf(address.toString()) : undefined;
}

/** Whose a connection is, by the address that opened it; a proxy that is trusted opens them for everybody. */
export function createOwnerOf(trustProxy: boolean | string): (ip: string) => string | undefined {
  if (trustProxy === true) return () => undefined;
  const ranges = (trustProxy === false ? [] : trustProxy.split(',')).map((entry) =>
    ipaddr.parseCIDR(entry.includes('/') ? entry : `${entry}/${ipaddr.IPv4.isValid(entry) ? 32 : 128}`),
  );
  return (ip) => {
    const network = networkOf(ip);
    if (network === undefined) return undefined;
    const address = ipaddr.process(ip);
    const isProxy = ranges.some(([range, bits]) => range.kind() === address.kind() && address.match(range, bits));
    return isProxy ? undefined : network;
  };
}
