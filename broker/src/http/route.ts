import type { TraceId } from '../core/ids.ts';
import type { Parameters } from './parameters.ts';
import type { ErrorFacts } from './respond-error.ts';

/*
 * How a room offers an address. Handlers take a request as a value and return a reply as a value; the server in
 * http/listen.ts is the only one that knows sockets and frameworks.
 */

export type HttpRequest = {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: Parameters;
  /** The query as it was sent, without the question mark. */
  readonly search: string;
  /** Form or JSON body as parameters; empty for GET. */
  readonly body: Parameters;
  /** A JSON body as it is; undefined: the body is a form, or there is none. */
  readonly json: unknown;
  /** A multipart body, not yet read; only where the route takes files. */
  readonly upload?: Upload | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Named parts of the path. */
  readonly pathParameters: Readonly<Record<string, string>>;
  readonly ip: string;
  /** Names this request in logs and on error pages. */
  readonly traceId: TraceId;
};

export type Upload = { readonly contentType: string; readonly bytes: Uint8Array };

export type HttpReply = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string;
  /** In place of a body: a file, a piece at a time. */
  readonly parts?: AsyncIterable<Uint8Array>;
};

export type Route = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  /** How an error is answered: JSON for programs, a page for people, or in a form of the room's own. */
  readonly answers: 'json' | 'page' | ((facts: ErrorFacts) => HttpReply);
  /** undefined: 64 KiB. */
  readonly maxBodyBytes?: number;
  /** multipart/form-data, which is 415 elsewhere. */
  readonly takesFiles?: boolean;
  /** Pages of known applications may call it from their origin. */
  readonly allowsCrossOrigin?: boolean;
  readonly handle: Handle;
  /**
   * Where a request may be refused for its head: called before the body is read, with a request without one. Throws, or
   * gives what answers the whole request in place of `handle`.
   */
  readonly admit?: (head: HttpRequest) => Promise<Handle>;
};

export type Handle = (request: HttpRequest) => Promise<HttpReply> | HttpReply;

export const header = (request: HttpRequest, name: string): string | undefined => {
  const value = request.headers[name];
  return typeof value === 'string' ? value : value?.[0];
};
