import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { EgressError } from '../core/errors.ts';
import type { OutboundRequest, OutboundResponse } from './egress.ts';
import { decodeBody, parseContentEncoding, tooLarge } from './guarded-fetch-decode.ts';

/** One request and its answer, without redirects. `headers` is flat: name, value, name, value. */
export type Hop = {
  readonly url: URL;
  readonly method: OutboundRequest['method'];
  readonly headers: string[];
  readonly body: string | Buffer | undefined;
  readonly maxBytes: number;
};

/** Ends what is under way. Given to `onCancel` so that deadline and caller can use it. */
export type Cancel = (reason: EgressError) => void;

/**
 * A handler on the dispatcher instead of undici's `request`: no stream is made for a body that is read whole anyway, and
 * the count of bytes is checked as they arrive.
 */
export function exchange(
  dispatcher: Dispatcher,
  hop: Hop,
  onCancel: (cancel: Cancel) => void,
): Promise<OutboundResponse> {
  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined;
    let failure: EgressError | undefined;
    let status = 0;
    let headers: OutboundResponse['headers'] = {};
    let coding: ReturnType<typeof parseContentEncoding>;
    let length = 0;
    const chunks: Buffer[] = [];

    const fail = (error: EgressError): void => {
      if (failure) return;
      failure = error;
      reject(error);
      controller?.abort(error);
    };
    onCancel(fail);

    dispatcher.dispatch(
      {
        origin: hop.url.origin,
        path: hop.url.pathname + hop.url.search,
        method: hop.method,
        headers: hop.headers,
        body: hop.body ?? null,
      },
      {
        onRequestStart(started) {
          controller = started;
          // Cancelled while it waited for a connection: it must not be sent any more.
          if (failure) started.abort(failure);
        },
        onResponseStart(_controller, statusCode, received) {
          if (statusCode < 200) return;
          status = statusCode;
          headers = joinHeaders(received);
          try {
            coding = parseContentEncoding(headers['content-encoding']);
          } catch (error) {
            return fail(toEgressError(error));
          }
          if (hop.method !== 'HEAD' && Number(headers['content-length'] ?? 0) > hop.maxBytes) fail(tooLarge());
        },
        onResponseData(_controller, chunk) {
          if (failure) return;
          length += chunk.length;
          if (length > hop.maxBytes) return fail(tooLarge());
          chunks.push(chunk);
        },
        onResponseEnd() {
          if (failure) return;
          const body = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, length);
          const url = hop.url.href;
          if (coding === undefined || length === 0) return resolve({ status, headers, body, url });
          decodeBody(body, coding, hop.maxBytes).then(
            (decoded) => resolve({ status, headers, body: decoded, url }),
            reject,
          );
        },
        onResponseError(_controller, error) {
          fail(toEgressError(error));
        },
      },
    );
  });
}

function joinHeaders(received: IncomingHttpHeaders): OutboundResponse['headers'] {
  const headers: Record<string, string | readonly string[]> = Object.create(null);
  for (const name in received) {
    const value = received[name];
    if (value !== undefined)
      headers[name] = typeof value === 'string' || name === 'set-cookie' ? value : value.join(', ');
  }
  return headers;
}

const failures = new Map<string, EgressError['reason']>([
  ['ECONNREFUSED', 'refused'],
  ['EHOSTUNREACH', 'refused'],
  ['ENETUNREACH', 'refused'],
  ['EADDRNOTAVAIL', 'refused'],
  ['ETIMEDOUT', 'timeout'],
  ['UND_ERR_CONNECT_TIMEOUT', 'timeout'],
  ['UND_ERR_HEADERS_OVERFLOW', 'too_large'],
  ['UND_ERR_INVALID_ARG', 'invalid_url'],
  ['ECONNRESET', 'reset'],
  ['EPIPE', 'reset'],
  ['UND_ERR_SOCKET', 'reset'],
  ['EPROTO', 'tls'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'tls'],
  ['HOSTNAME_MISMATCH', 'tls'],
]);

const texts: Partial<Record<EgressError['reason'], string>> = {
  refused: 'The connection was refused',
  timeout: 'The connection timed out',
  too_large: 'The answer has too many or too long headers',
  invalid_url: 'The request has an invalid URL or header',
  reset: 'The connection broke off',
  tls: 'The TLS connection could not be made: the certificate or protocol is not acceptable',
};

/** What the network layer threw, in our own words; its own are in `detail` and `cause`. */
export function toEgressError(error: unknown): EgressError {
  if (error instanceof EgressError) return error;
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  const isTls = /^(?:ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_)/.test(code);
  const reason = isTls ? 'tls' : (failures.get(code) ?? 'bad_response');
  return new EgressError(reason, texts[reason] ?? 'The answer is not valid HTTP', {
    detail: `${code} ${error instanceof Error ? error.message : ''}`.trim(),
    cause: error,
  });
}
