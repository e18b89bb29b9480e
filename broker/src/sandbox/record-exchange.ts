import { isUtf8 } from 'node:buffer';
import type { OutboundResponse } from '../http/egress.ts';
import type { ScriptRequest } from './read-script-request.ts';
import { type Redact, redactBody, redactHeaders, redactUrl } from './redact.ts';
import type { RecordedBody, RecordedExchange } from './sandbox.ts';

/** Keeps what the requests of one run said and got, without secrets, and within bounds. */
export type ExchangeRecorder = {
  request(request: ScriptRequest): RecordedExchange['request'];
  response(response: OutboundResponse): NonNullable<RecordedExchange['response']>;
};

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

  return {
    request: ({ headers, body }) => ({ headers: redactHeaders(headers, redact), body: record(body) }),
    response: ({ headers, body, url }) => ({
      url: redactUrl(url, redact),
      headers: redactHeaders(headers, redact),
      body: record(body),
    }),
  };
}
