import { lookup as systemLookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import { EgressError } from '../core/errors.ts';
import type { Destination, EgressPolicy } from './egress-policy.ts';

/** All addresses of a name, in the order in which they are to be tried. */
export type Lookup = (name: string) => Promise<readonly { readonly address: string; readonly family: number }[]>;

export const lookUpAll: Lookup = (name) => systemLookup(name, { all: true, verbatim: true });

/** One text for every denied address: whoever asks learns nothing about what listens there. */
export const denied = (): EgressError => new EgressError('denied', 'This destination is not allowed');

const connectTimeoutMs = 5_000;

/**
 * Connections to one origin. The policy sees every address that the name has, the socket is opened to these very
 * addresses without a second look-up, and the address it got is checked once more.
 */
export function connectorFor(
  destination: Destination,
  deps: { readonly policy: EgressPolicy; readonly lookup: Lookup; readonly ca: string | undefined },
): buildConnector.connector {
  const { policy } = deps;
  const connect = buildConnector({
    timeout: connectTimeoutMs,
    lookup: checkedLookup(destination, deps),
    rejectUnauthorized: true,
    autoSelectFamily: true,
    ...(deps.ca === undefined ? {} : { ca: deps.ca }),
  });
  const isLiteral = isIP(destination.name) !== 0;
  const mayTry = isLiteral ? policy.mayConnect(destination, destination.name) : policy.mayLookUp(destination);

  return (options, callback) => {
    if (!mayTry) return callback(denied(), null);
    connect(options, (...result) => {
      const [error, socket] = result;
      if (error) return callback(error, null);
      if (!policy.mayConnect(destination, socket.remoteAddress ?? '')) {
        socket.destroy();
        return callback(denied(), null);
      }
      callback(null, socket);
    });
  };
}

function checkedLookup(
  destination: Destination,
  { policy, lookup }: { readonly policy: EgressPolicy; readonly lookup: Lookup },
): LookupFunction {
  return (_name, options, callback) => {
    lookup(destination.name).then(
      (found) => {
        const [first] = found;
        if (!first) return callback(new EgressError('dns', 'The host name has no address'), '');
        // One denied address among several is enough: which one is used would be chance.
        if (!found.every(({ address }) => policy.mayConnect(destination, address))) return callback(denied(), '');
        if (options.all) return callback(null, [...found]);
        callback(null, first.address, first.family);
      },
      (cause: unknown) => callback(new EgressError('dns', 'The host name could not be resolved', { cause }), ''),
    );
  };
}
