import { STATUS_CODES } from 'node:http';
import type { Clock } from '../core/clock.ts';
import { EgressError, type EgressReason } from '../core/errors.ts';
import { isJsonObject } from '../core/json.ts';
import type { GuardedFetch, OutboundRequest, OutboundResponse } from '../http/egress.ts';
import { readScriptRequest, type ScriptRequest } from './read-script-request.ts';
import { createExchangeRecorder } from './record-exchange.ts';
import type { Redact } from './redact.ts';
import { NotRecordedError } from './replay-exchanges.ts';
import { requestErrors } from './request-errors.ts';
import type { Exchange, SandboxLimits } from './sandbox.ts';

/** Makes the HTTP requests of one run, within its limits, and remembers what went over the wire. */
export type ScriptRequests = {
  /** Never rejects: what went wrong is an answer too. */
  serve(head: unknown, body: Buffer): Promise<ScriptAnswer>;
  /** The run is over: nothing of it stays under way. */
  stop(): void;
  /** In the order in which the script asked; of those that have ended. */
  exchanges(): readonly Exchange[];
  readonly responseTexts: string[];
};

export type ScriptAnswer = { readonly told: string; readonly isBinary: boolean; readonly body: Uint8Array };

export type ScriptRequestsDeps = {
  readonly fetch: GuardedFetch;
  readonly clock: Clock;
  readonly redact: Redact;
  readonly limits: Pick<SandboxLimits, 'wallMs' | 'maxResponseBytes'>;
};

const maxParallel = 20;
const maxAnswerBytes = 1024 * 1024;
const maxRememberedLength = 256 * 1024;
const noBody = new Uint8Array(0);

export function createScriptRequests(deps: ScriptRequestsDeps): ScriptRequests {
  const { wallMs, maxResponseBytes: maxTotalBytes } = deps.limits;
  const stopped = new AbortController();
  const exchanges: (Exchange | undefined)[] = [];
  const recorder = createExchangeRecorder(deps.redact);
  const responseTexts: string[] = [];
  const waiting: (() => void)[] = [];
  let active = 0;
  let totalBytes = 0;
  let rememberedLength = 0;

  async function enter(): Promise<void> {
    active += 1;
    if (active > maxParallel) await new Promise<void>((resolve) => waiting.push(resolve));
  }

  function leave(): void {
    active -= 1;
    waiting.shift()?.();
  }

  function remember(response: OutboundResponse): void {
    totalBytes += response.body.length;
    const left = maxRememberedLength - rememberedLength;
    if (left <= 0 || response.body.length === 0) return;
    const text = response.body.toString('utf8', 0, left);
    rememberedLength += text.length;
    responseTexts.push(text);
  }

  async function exchange(request: ScriptRequest): Promise<ScriptAnswer> {
    const startedAt = deps.clock.now().getTime();
    const place = exchanges.push(undefined) - 1;
    const note = (result: { error: string } | { response: OutboundResponse }): void => {
      const response = 'response' in result ? result.response : undefined;
      const told = {
        method: request.method,
        status: response?.status,
        error: 'error' in result ? result.error : undefined,
        responseBytes: response?.body.length ?? 0,
        ms: deps.clock.now().getTime() - startedAt,
      };
      exchanges[place] = recorder.record(told, request, response);
    };
    if (totalBytes >= maxTotalBytes) {
      note({ error: 'too_large' });
      return failed('too_large');
    }
    try {
      const response = await deps.fetch({ ...outbound(request), signal: stopped.signal });
      remember(response);
      note({ response });
      const { status, headers, url } = response;
      const told = JSON.stringify({
        status,
        statusMessage: STATUS_CODES[status] ?? '',
        headers: listCookies(headers),
        url,
      });
      return { told, isBinary: request.isBinary, body: response.body };
    } catch (error) {
      if (error instanceof NotRecordedError) {
        note({ error: 'not_recorded' });
        return refused(error.message, 'NOT_RECORDED');
      }
      const reason = error instanceof EgressError ? error.reason : 'bad_response';
      note({ error: reason });
      return failed(reason);
    }
  }

  function outbound(request: ScriptRequest): OutboundRequest {
    return {
      url: request.url,
      method: request.method,
      headers: request.headers,
      ...(request.body.length > 0 ? { body: request.body } : {}),
      timeoutMs: Math.min(request.timeoutMs ?? wallMs, wallMs),
      maxBytes: Math.min(maxAnswerBytes, maxTotalBytes - totalBytes),
      maxRedirects: request.redirects,
    };
  }

  return {
    exchanges: () => exchanges.filter((exchange) => exchange !== undefined),
    responseTexts,
    stop() {
      // An abort makes an exception with a stack, also when nobody listens.
      if (active > 0) stopped.abort();
    },
    async serve(head, body) {
      const request = readScriptRequest(isJsonObject(head) ? head : {}, body);
      if ('refused' in request) return refused(request.refused, request.code);
      await enter();
      try {
        return await exchange(request);
      } finally {
        leave();
      }
    },
  };
}

/** Node keeps these a list even if there is one. */
function listCookies(headers: OutboundResponse['headers']): OutboundResponse['headers'] {
  const cookies = headers['set-cookie'];
  return typeof cookies === 'string' ? { ...headers, 'set-cookie': [cookies] } : headers;
}

function failed(reason: EgressReason): ScriptAnswer {
  const [code, message] = requestErrors[reason];
  return refused(message, code);
}

function refused(message: string, code: string | undefined): ScriptAnswer {
  return { told: JSON.stringify({ error: { message, code } }), isBinary: false, body: noBody };
}
