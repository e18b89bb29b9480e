import type { Clock } from '../core/clock.ts';
import { EgressError, UpstreamError, type UpstreamStep } from '../core/errors.ts';
import type { Trace } from '../core/trace.ts';
import type { GuardedFetch, OutboundRequest, OutboundResponse } from '../http/egress.ts';

export type UpstreamLimits = { readonly timeoutMs: number; readonly maxBytes: number };

export const defaultUpstreamLimits: UpstreamLimits = { timeoutMs: 10_000, maxBytes: 1024 * 1024 };

export type CallDeps = { readonly fetch: GuardedFetch; readonly clock: Clock; readonly limits: UpstreamLimits };

type Call = Pick<OutboundRequest, 'url' | 'method' | 'headers' | 'body'> & {
  readonly step: UpstreamStep;
  /** Ours, for messages and the trace: `token endpoint`. */
  readonly endpoint: string;
  readonly traceStep: string;
};

/** One request to the upstream, in time and size, in the trace. Redirects are answers: a secret must not travel on. */
export async function callUpstream(deps: CallDeps, call: Call, trace: Trace): Promise<OutboundResponse> {
  const { step, endpoint, traceStep, ...request } = call;
  const startedAt = deps.clock.now().getTime();
  const elapsed = (): number => deps.clock.now().getTime() - startedAt;
  try {
    const response = await deps.fetch({ ...request, ...deps.limits, maxRedirects: 0 });
    trace.record(traceStep, { status: response.status, bytes: response.body.length, ms: elapsed() });
    return response;
  } catch (error) {
    if (!(error instanceof EgressError)) throw error;
    trace.record(traceStep, { error: error.reason, ms: elapsed() });
    throw new UpstreamError(step, error.reason, `The upstream's ${endpoint} gave no usable answer: ${error.message}`, {
      detail: `${endpoint}: ${error.reason}${error.detail === undefined ? '' : ` (${error.detail})`}`,
      cause: error,
    });
  }
}

/** What may be told of an answer that cannot be used: its length and its type, never its words. */
export function describeBody({ body, headers }: OutboundResponse): string {
  const [type = ''] = String(headers['content-type'] ?? '').split(';', 1);
  const shownType = /^[\w.+-]{1,40}\/[\w.+-]{1,40}$/.test(type.trim()) ? type.trim() : 'no content type';
  return `${body.length} bytes, ${shownType}`;
}
