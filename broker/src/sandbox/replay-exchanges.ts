import { EgressError } from '../core/errors.ts';
import type { GuardedFetch, OutboundResponse } from '../http/egress.ts';
import { type Redact, redactUrl } from './redact.ts';
import { readReason } from './request-errors.ts';
import type { RecordedExchange } from './sandbox.ts';

/** A replayed script asked for something that the recording cannot answer. */
export class NotRecordedError extends Error {}

/**
 * Answers requests from recorded exchanges, and never from the network: by method and address, those of the same address
 * in the order in which they were recorded. Both sides are compared without secrets, as a recording knows none.
 */
export function createReplayFetch(recorded: readonly RecordedExchange[], redact: Redact): GuardedFetch {
  const left = [...recorded];
  return async ({ method, url }) => {
    const shown = redactUrl(url, redact);
    const at = left.findIndex((exchange) => exchange.method === method && exchange.url === shown);
    const [exchange] = at === -1 ? [] : left.splice(at, 1);
    if (exchange === undefined) throw new NotRecordedError(explain(`${method} ${shown}`, recorded));
    return toResponse(exchange);
  };
}

function explain(asked: string, recorded: readonly RecordedExchange[]): string {
  const isUsedUp = recorded.some(({ method, url }) => `${method} ${url}` === asked);
  return isUsedUp
    ? `The request ${asked} was made more often than it was recorded`
    : `The request ${asked} was not recorded`;
}

function toResponse({ method, url, status, error, response }: RecordedExchange): OutboundResponse {
  if (error !== undefined) throw new EgressError(readReason(error), 'as recorded');
  if (status === undefined || response === undefined) {
    throw new NotRecordedError(`The answer to ${method} ${url} was not recorded`);
  }
  if (response.body.isCut) {
    throw new NotRecordedError(`The answer to ${method} ${url} was recorded in part only, for it is too long`);
  }
  const { headers, body, url: from } = response;
  return { status, headers, body: Buffer.from(body.text, body.encoding), url: from };
}
