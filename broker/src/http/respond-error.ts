import { ApiError, OAuthError, PageError, type PageErrorKind, StoreError } from '../core/errors.ts';
import type { ClientId } from '../core/ids.ts';
import type { JsonObject } from '../core/json.ts';
import { jsonReply } from './reply.ts';
import type { HttpReply, HttpRequest, Route } from './route.ts';

/** What an error page is made from. */
export type ErrorFacts = {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly kind: PageErrorKind;
  readonly clientId: ClientId | undefined;
  readonly traceId: string;
  readonly headers: Readonly<Record<string, string>>;
};

type RespondErrorDeps = {
  readonly renderPage: (facts: ErrorFacts, request: HttpRequest) => Promise<HttpReply>;
  readonly log: (level: 'info' | 'error', fields: JsonObject, message: string) => void;
};

/** The one place where an error becomes a response. Handled errors are logged once, here; the rest is a bug. */
export const createRespondError =
  ({ renderPage, log }: RespondErrorDeps) =>
  async (error: unknown, route: Route | undefined, request: HttpRequest): Promise<HttpReply> => {
    const facts = factsOf(error, request);
    const isBug = facts.status >= 500;
    log(
      isBug ? 'error' : 'info',
      { trace_id: facts.traceId, ...describe(error, request, isBug) },
      isBug ? 'request failed' : 'request refused',
    );
    if (route?.answers === 'page') {
      const page = await renderPage(facts, request);
      return { ...page, headers: { ...page.headers, ...facts.headers } };
    }
    if (typeof route?.answers === 'function') return route.answers(facts);
    const trace = isBug ? { trace_id: facts.traceId } : {};
    return jsonReply(facts.status, { error: facts.code, error_description: facts.message, ...trace }, facts.headers);
  };

function factsOf(error: unknown, { traceId }: HttpRequest): ErrorFacts {
  const common = { traceId, kind: 'request', clientId: undefined, headers: {} } as const;
  if (error instanceof PageError) {
    const { status, code, message, kind, clientId, headers } = error;
    return { ...common, status, code, message, kind, clientId, headers };
  }
  if (error instanceof OAuthError || error instanceof ApiError) {
    const { status, code, message, headers } = error;
    return { ...common, status, code, message, headers };
  }
  if (error instanceof StoreError && error.code === 'unavailable') {
    const message = 'The service is busy. Try again soon.';
    const headers = { 'retry-after': '2' };
    return { ...common, status: 503, code: 'temporarily_unavailable', message, kind: 'busy', headers };
  }
  return fromStatus(statusOf(error), common);
}

/** Errors that the HTTP server found by itself carry a status: body too large, unknown type, no such address. */
function fromStatus(status: number, common: Omit<ErrorFacts, 'status' | 'code' | 'message'>): ErrorFacts {
  switch (status) {
    case 400:
      return { ...common, status, code: 'invalid_request', message: 'The body of the request could not be read' };
    case 404:
      return { ...common, status, code: 'not_found', message: 'There is nothing at this address' };
    case 413:
      return { ...common, status, code: 'invalid_request', message: 'The body of the request is too large' };
    case 415:
      return { ...common, status, code: 'invalid_request', message: 'The body must be a form or JSON' };
    default:
      return { ...common, status: 500, code: 'server_error', message: 'Something failed on our side', kind: 'ours' };
  }
}

function statusOf(error: unknown): number {
  const status = (error as { statusCode?: unknown } | undefined)?.statusCode;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500;
}

/** For the log: what happened, where, and the chain of causes. Addresses without their query, which may hold codes. */
function describe(error: unknown, { method, path }: HttpRequest, isBug: boolean): JsonObject {
  const detail = (error as { detail?: unknown }).detail;
  return {
    method,
    path: path.slice(0, 200),
    error: error instanceof Error ? `${error.name}: ${error.message.slice(0, 500)}` : 'not an error',
    ...(typeof detail === 'string' ? { detail: detail.slice(0, 500) } : {}),
    ...(isBug && error instanceof Error ? { stack: (error.stack ?? '').slice(0, 4000), causes: causesOf(error) } : {}),
  };
}

function causesOf(error: Error): string[] {
  const causes: string[] = [];
  for (let cause = error.cause; cause instanceof Error && causes.length < 5; cause = cause.cause) {
    causes.push(`${cause.name}: ${cause.message.slice(0, 300)}`);
  }
  return causes;
}
