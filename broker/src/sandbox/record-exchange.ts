import { isUtf8 } from 'node:buffer';
import type { OutboundResponse } from '../http/egress.ts';
import type { ScriptRequest } from './read-script-request.ts';
import { type Redact, redactBody, redactHeaders, redactUrl } from './redact.ts';
import type { Exchange, RecordedBody, RecordedExchange } from './sandbox.ts';

/** Keeps what the requests of one run said and got, without secrets, and within bounds. */
export type ExchangeRecorder = {
  /** An exchange as it is told, which has its record from when somebody reads it. `response` undefined: there was none. */
  record(told: Told, request: ScriptRequest, response: OutboundResponse | undefined): Exchange;
};

type Told = Pick<Exchange, 'method' | 'status' | 'error' | 'responseBytes' | 'ms'>;
type Recorded = Pick<RecordedExchange, 'url' | 'request' | 'response'>;

const maxBodyBytes = 64 * 1024;
const maxRunBytes = 256 * 1024;

export function createExchangeRecorder(redact: Redact): ExchangeRecorder {
  let bytesLeft = maxRunBytes;

  function record(body: Buffer): RecordedBody {
    const kept = body.subarray(0, Math.min(maxBodyBytes, bytesLeft));
    bytesLeft -= kept.length;
    const isCut = kept.length < body.length;
    // A text that is cut in the middle of a letter is a text still.
    return isUtf8(body)
      ? { text: redactBody(kept.toString('utf8'), redact), encoding: 'utf8', isCut }
      : { text: kept.toString('base64'), encoding: 'base64', isCut };
  }

  const recordBoth = (request: ScriptRequest, response: OutboundResponse | undefined): Recorded => ({
    url: redactUrl(request.url, redact),
    request: { headers: redactHeaders(request.headers, redact), body: record(request.body) },
    response: response && {
      url: redactUrl(response.url, redact),
      headers: redactHeaders(response.headers, redact),
      body: record(response.body),
    },
  });

  return {
    record(told, request, response) {
      let made: Recorded | undefined;
      const read = (): Recorded => {
        made ??= recordBoth(request, response);
        return made;
      };
      return {
        ...told,
        get url() {
          return read().url;
        },
        get request() {
          return read().request;
        },
        get response() {
          return read().response;
        },
      };
    },
  };
}
