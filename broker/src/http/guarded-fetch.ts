import { Agent, Pool } from 'undici';
import { ConfigError, EgressError } from '../core/errors.ts';
import type { GuardedFetch, OutboundRequest, OutboundResponse } from './egress.ts';
import { createEgressPolicy, type Destination, parseEgressAllow } from './egress-policy.ts';
import { connectorFor, type Lookup, lookUpAll } from './guarded-fetch-connect.ts';
import { type Cancel, exchange, type Hop } from './guarded-fetch-exchange.ts';
import { isRedirect, nextHop } from './guarded-fetch-redirect.ts';
import { parseOutboundUrl } from './guarded-fetch-url.ts';

/*
 * The only way out. Addresses are checked when a connection is made, so a kept-alive connection costs no check; what is
 * checked per request is the URL, the time and the size. It reads no proxy variables and keeps no cookies.
 */

export type GuardedFetchOptions = {
  /** Entries in the grammar of egress-policy.ts. */
  readonly allow: readonly string[];
  readonly userAgent?: string;
  readonly lookup?: Lookup;
  /** Certificate authorities in PEM, in place of the built-in ones. */
  readonly ca?: string;
};

const connectionsPerOrigin = 256;
const maxHeaderBytes = 32 * 1024;

export function createGuardedFetch(options: GuardedFetchOptions): {
  readonly fetch: GuardedFetch;
  close(): Promise<void>;
} {
  const { entries, problems } = parseEgressAllow(options.allow.join(','));
  if (problems.length > 0) throw new ConfigError(problems);
  const connecting = { policy: createEgressPolicy(entries), lookup: options.lookup ?? lookUpAll, ca: options.ca };
  const userAgent = options.userAgent ?? 'Portico';

  const agent = new Agent({
    factory: (origin) =>
      new Pool(origin, {
        connections: connectionsPerOrigin,
        pipelining: 1,
        maxHeaderSize: maxHeaderBytes,
        keepAliveMaxTimeout: 60_000,
        // The deadline below covers both; two timers less for each request.
        headersTimeout: 0,
        bodyTimeout: 0,
        connect: connectorFor(toDestination(new URL(origin)), connecting),
      }),
  });

  async function followed(request: OutboundRequest, onCancel: (cancel: Cancel) => void): Promise<OutboundResponse> {
    let hop: Hop = firstHop(request, userAgent);
    for (let left = request.maxRedirects ?? 0; ; left -= 1) {
      const response = await exchange(agent, hop, onCancel);
      if (request.maxRedirects === undefined || request.maxRedirects === 0 || !isRedirect(response)) return response;
      if (left === 0) throw new EgressError('too_many_redirects', 'Too many redirects');
      hop = nextHop(hop, response);
    }
  }

  return {
    async fetch(request) {
      let cancel: Cancel = () => {};
      let ended: EgressError | undefined;
      const end = (error: EgressError): void => {
        ended ??= error;
        cancel(ended);
      };
      const timer = setTimeout(() => end(new EgressError('timeout', 'No answer in time')), request.timeoutMs);
      const onAbort = (): void => end(new EgressError('timeout', 'The request was cancelled'));
      if (request.signal?.aborted) onAbort();
      request.signal?.addEventListener('abort', onAbort, { once: true });
      try {
        return await followed(request, (next) => {
          cancel = next;
          // The time ran out between two hops.
          if (ended) next(ended);
        });
      } finally {
        clearTimeout(timer);
        request.signal?.removeEventListener('abort', onAbort);
      }
    },
    close: () => agent.destroy(),
  };
}

function toDestination(origin: URL): Destination {
  const isSecure = origin.protocol === 'https:';
  return {
    isSecure,
    name: origin.hostname.replace(/^\[|\]$|\.$/g, ''),
    port: origin.port === '' ? (isSecure ? 443 : 80) : Number(origin.port),
  };
}

/** Decided by the connection and the body; a caller who sets them could smuggle a second request. */
const ownHeaders = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'upgrade',
  'keep-alive',
  'te',
  'trailer',
  'expect',
  'proxy-authorization',
  'proxy-connection',
]);

function firstHop(request: OutboundRequest, userAgent: string): Hop {
  const headers: string[] = [];
  let hasUserAgent = false;
  for (const name in request.headers) {
    const lowerName = name.toLowerCase();
    if (ownHeaders.has(lowerName)) continue;
    hasUserAgent ||= lowerName === 'user-agent';
    headers.push(name, request.headers[name] ?? '');
  }
  if (!hasUserAgent) headers.push('user-agent', userAgent);
  const { method, body, maxBytes } = request;
  return { url: parseOutboundUrl(request.url), method, headers, body, maxBytes };
}
