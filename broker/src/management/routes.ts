import { STATUS_CODES } from 'node:http';
import { type TSchema, Type } from '@sinclair/typebox';
import { ApiError, isConflict } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import { jsonReply, textReply } from '../http/reply.ts';
import type { ErrorFacts } from '../http/respond-error.ts';
import type { Handle, HttpReply, HttpRequest, Route } from '../http/route.ts';
import { authenticate, type Caller, checkScopes, insufficientScope } from './caller.ts';
import { checkPath, checkPayload } from './check-payload.ts';
import type { ApiReply, Endpoint } from './endpoint.ts';
import { createValidator } from './problems.ts';
import { readQuery } from './read-query.ts';

const maxBodyBytes = 1_048_576;
const base = '/api/v2';

type RouteDeps = {
  readonly caller: Parameters<typeof authenticate>[0];
  /** Headers of the answer that tell how much is left; throws ApiError 429 when nothing is. */
  readonly limit: (caller: Caller, head: HttpRequest) => Promise<Readonly<Record<string, string>>>;
};

/** Every endpoint as a route, and one route for each other address below /api/v2. */
export const managementRoutes = (deps: RouteDeps, endpoints: readonly Endpoint[]): readonly Route[] => [
  ...endpoints.map((endpoint) => toRoute(deps, endpoint)),
  ...(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const).map((method) => everythingElse(deps, method)),
];

/** The whole path. */
export const addressOf = (endpoint: Pick<Endpoint, 'base' | 'path'>): string =>
  `${endpoint.base ?? base}${endpoint.path}`;

/**
 * Who, whether they may, what they ask; only then the endpoint itself. A body, which may be large, is not read before it
 * is known that the caller may send it.
 */
function toRoute(deps: RouteDeps, endpoint: Endpoint): Route {
  const querySchema = endpoint.query ?? noQuery;
  const checkQuery = createValidator('Query', querySchema);
  const checkBody = endpoint.body === undefined ? undefined : createValidator('Payload', endpoint.body);
  return {
    method: endpoint.method,
    path: addressOf(endpoint),
    answers: renderErrorOf(endpoint),
    maxBodyBytes,
    takesFiles: endpoint.takesFiles === true,
    allowsCrossOrigin: isForPeople(endpoint),
    ...admitting(async (head) => {
      const caller = await authenticate(deps.caller, head);
      const limits = await deps.limit(caller, head);
      try {
        checkScopes(caller, endpoint.scopes);
      } catch (error) {
        throw withHeaders(error, limits);
      }
      return async (request) => {
        try {
          checkPath(request.pathParameters);
          const query = readQuery(request.search, querySchema);
          checkQuery(query);
          const body = checkBody === undefined ? undefined : readBody(request, endpoint.body);
          checkBody?.(body);
          return toReply(await endpoint.handle({ caller, path: request.pathParameters, query, body, request }), limits);
        } catch (error) {
          throw withHeaders(error, limits);
        }
      };
    }),
  };
}

/** Pages of applications call these with the token of whoever is signed in. */
const isForPeople = ({ scopes }: Endpoint): boolean => scopes.flat().some((scope) => scope.includes(':current_user'));

const admitting = (admit: (head: HttpRequest) => Promise<Handle>): Pick<Route, 'admit' | 'handle'> => ({
  admit,
  handle: async (request) => (await admit(request))(request),
});

const noQuery = Type.Object({}, { additionalProperties: false });

/** JSON, or a form as Auth0's tools may send it too: then every value is text. */
function readBody({ json, body }: HttpRequest, schema: TSchema | undefined): unknown {
  if (json === undefined && Object.keys(body.values).length > 0) return { ...body.values };
  checkPayload(json);
  return json ?? (schema?.type === 'object' ? {} : undefined);
}

const toReply = ({ status, body, headers }: ApiReply, limits: Readonly<Record<string, string>>): HttpReply =>
  body === undefined
    ? textReply(status, '', { ...limits, ...headers })
    : jsonReply(status, body, { ...limits, ...headers });

/** How much is left is told with refusals, too. A conflict that the endpoint has no words of its own for gets the general ones. */
function withHeaders(error: unknown, headers: Readonly<Record<string, string>>): unknown {
  if (isConflict(error)) {
    return new ApiError(409, 'The resource already exists, or was changed meanwhile', { cause: error, headers });
  }
  if (!(error instanceof ApiError)) return error;
  const { status, message, code, detail } = error;
  return new ApiError(status, message, {
    code,
    cause: error,
    headers: { ...headers, ...error.headers },
    ...(detail === undefined ? {} : { detail }),
  });
}

/** Auth0: the services that came later say no `errorCode`, but for a missing scope, which the API in front of them refuses. */
const withoutCodes = /^\/(?:actions|token-exchange-profiles)(?:\/|$)/;

const renderErrorOf = ({ path }: Pick<Endpoint, 'path'>): typeof renderError =>
  withoutCodes.test(path) ? (facts) => renderError(facts, facts.status === 403) : renderError;

/** The contract's error body (management API §1.2). A trace id goes along where the fault is ours. */
export function renderError(facts: ErrorFacts, hasCode = true): HttpReply {
  const { status, message, code, headers, traceId } = facts;
  const body: JsonObject = {
    statusCode: status,
    error: STATUS_CODES[status] ?? 'Error',
    message: status === 400 && code === 'invalid_request' ? 'Invalid request payload JSON format' : message,
    ...(code === '' || !hasCode || status >= 500
      ? {}
      : { errorCode: code === 'invalid_request' ? 'invalid_body' : code }),
    ...(status === 401 ? { attributes: { error: message } } : {}),
    ...(status >= 500 ? { trace_id: traceId } : {}),
  };
  return jsonReply(status, body, headers);
}

/**
 * What Portico does not serve is refused for want of a scope, which is how Auth0's tools learn to pass over it; a 404
 * would stop them (contract: management API §6.2).
 */
function everythingElse(deps: RouteDeps, method: Route['method']): Route {
  return {
    method,
    path: `${base}/*`,
    answers: renderError,
    maxBodyBytes,
    ...admitting(async (head) => {
      const caller = await authenticate(deps.caller, head);
      const limits = await deps.limit(caller, head);
      const noun = nounOf(head.path.slice(base.length + 1).split('/', 3));
      throw withHeaders(insufficientScope([`${verbs[method]}:${noun}`]), limits);
    }),
  };
}

/** What is missing, so that nobody is told of a scope that they have: roles in `/users/:id/roles`, modules in `/actions/modules`. */
function nounOf([resource = '', second = '', third = '']: readonly string[]): string {
  const named = withParts.has(resource) ? third : groups.has(resource) ? second : '';
  return (named === '' ? resource : named).replaceAll('-', '_').replace(/[^\w]/g, '').slice(0, 64);
}

const withParts: ReadonlySet<string> = new Set(['users', 'connections', 'clients']);
const groups: ReadonlySet<string> = new Set(['actions', 'branding', 'jobs', 'keys']);

const verbs = { GET: 'read', POST: 'create', PUT: 'update', PATCH: 'update', DELETE: 'delete' } as const;
