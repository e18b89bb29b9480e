import type { Static, TSchema } from '@sinclair/typebox';
import type { HttpRequest } from '../http/route.ts';
import type { Caller } from './caller.ts';

/*
 * management/: /api/v2, one file per resource.
 *
 * An endpoint is a value: what it is called, who may call it, what it takes. Authentication, scopes, validation, limits
 * and the OpenAPI document come from that value and are written once, in routes.ts.
 */

/** Groups of which each must be met; within a group any scope will do. */
export type ScopeRule = readonly (readonly string[])[];

export type Call<Query = Readonly<Record<string, unknown>>, Body = unknown> = {
  readonly caller: Caller;
  /** Named parts of the path, decoded. */
  readonly path: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
  readonly request: HttpRequest;
};

/** What of a call says who did something, and from where. */
export type Acting = Pick<Call, 'caller' | 'request'>;

export type ApiReply = {
  readonly status: number;
  /** undefined: an empty body. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};

export type Endpoint = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** undefined: /api/v2. */
  readonly base?: '/api/portico/v1';
  /** Below it, with named parts: `/connections/:id`. */
  readonly path: string;
  /** For the reference: one line in the imperative. */
  readonly summary: string;
  readonly scopes: ScopeRule;
  /** Unknown parameters are refused. */
  readonly query: TSchema | undefined;
  readonly body: TSchema | undefined;
  /** multipart/form-data in place of a body; the handler reads it. */
  readonly takesFiles?: boolean;
  /** What a success says; undefined: nothing. A 204 says nothing whatever stands here. */
  readonly result?: TSchema;
  /** Status of success, and what else the reference should name. */
  readonly answers: readonly number[];
  readonly handle: (call: Call) => Promise<ApiReply> | ApiReply;
};

type Definition<Query extends TSchema, Body extends TSchema> = Omit<Endpoint, 'query' | 'body' | 'handle'> & {
  readonly query?: Query;
  readonly body?: Body;
  readonly handle: (call: Call<Static<Query>, Static<Body>>) => Promise<ApiReply> | ApiReply;
};

/** Ties the schemas to what the handler sees; routes.ts validates before it calls. */
export const endpoint = <Query extends TSchema, Body extends TSchema>(
  definition: Definition<Query, Body>,
): Endpoint => ({
  ...definition,
  query: definition.query,
  body: definition.body,
  handle: (call) => definition.handle(call as Call<Static<Query>, Static<Body>>),
});

/** The usual rule: any of these. */
export const anyOf = (...scopes: readonly string[]): ScopeRule => [scopes];
