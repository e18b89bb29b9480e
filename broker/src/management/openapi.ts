import type { TSchema } from '@sinclair/typebox';
import type { JsonObject } from '../core/json.ts';
import type { Endpoint, ScopeRule } from './endpoint.ts';
import { createComponents } from './openapi-components.ts';
import { addressOf } from './routes.ts';

/** OpenAPI 3.1 of the endpoints. TypeBox schemas are JSON Schema already, but for symbols that JSON leaves out. */
export function openApiOf(endpoints: readonly Endpoint[], issuerUrl: string): JsonObject {
  const paths: Record<string, Record<string, unknown>> = {};
  const components = createComponents();
  for (const endpoint of endpoints) {
    const path = addressOf(endpoint).replace(/:(\w+)/g, '{$1}');
    const operation = components.refer(operationOf(endpoint));
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operation };
  }
  const document = {
    openapi: '3.1.0',
    info: {
      title: 'Portico Management API',
      version: '2',
      description: 'What Portico serves of Auth0’s Management API, and, below /api/portico/v1, what it adds.',
    },
    servers: [{ url: issuerUrl.replace(/\/$/, '') }],
    paths,
    components: {
      securitySchemes: {
        token: {
          type: 'oauth2',
          flows: {
            clientCredentials: {
              tokenUrl: `${issuerUrl}oauth/token`,
              scopes: Object.fromEntries(scopesOf(endpoints).map((scope) => [scope, scope])),
            },
          },
        },
      },
      headers,
      schemas: { ...components.list(), Error: errorSchema },
      responses: Object.fromEntries(
        Object.entries(errors).map(([status, description]) => [
          `E${status}`,
          { description, headers: headersOf(status), content: jsonOf({ $ref: '#/components/schemas/Error' }) },
        ]),
      ),
    },
  };
  return JSON.parse(JSON.stringify(document)) as JsonObject;
}

/** Every scope that some endpoint asks for, in the order of the reference. */
export const scopesOf = (endpoints: readonly Endpoint[]): readonly string[] => [
  ...new Set(endpoints.flatMap(({ scopes }) => scopes.flat())),
];

function operationOf(endpoint: Endpoint): object {
  const { method, path, base, summary, scopes, query, body, takesFiles, result } = endpoint;
  const named = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name ?? '');
  const words = `${base ?? ''}${path}`.match(/\w+/g) ?? [];
  return {
    operationId: [method.toLowerCase(), ...words].join('_'),
    summary,
    tags: [path.split('/')[1]],
    security: alternativesOf(scopes).map((all) => ({ token: all })),
    parameters: [
      ...named.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
      ...parametersOf(query),
    ],
    ...(body === undefined ? {} : { requestBody: { required: true, content: jsonOf(body) } }),
    ...(takesFiles === true ? { requestBody: { required: true, content: files } } : {}),
    responses: Object.fromEntries(statusesOf(endpoint).map((status) => [status, responseOf(status, result)])),
  };
}

/** Scope rules are groups that must all be met by any one scope; OpenAPI lists which sets of scopes will do. */
const alternativesOf = (rule: ScopeRule): readonly (readonly string[])[] =>
  rule.reduce<readonly (readonly string[])[]>(
    (sets, group) => sets.flatMap((set) => group.map((scope) => [...set, scope])),
    [[]],
  );

function parametersOf(query: TSchema | undefined): object[] {
  const required: readonly string[] = query?.required ?? [];
  const properties = (query?.properties ?? {}) as Readonly<Record<string, TSchema>>;
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    ...(required.includes(name) ? { required: true } : {}),
    schema,
  }));
}

/** Any endpoint refuses a parameter that it does not know; any that writes may meet another that does (routes.ts). */
const ofAny = [400, 401, 403, 429];
const statusesOf = ({ method, answers }: Endpoint): readonly number[] =>
  [...new Set([...answers, ...ofAny, ...(method === 'GET' ? [] : [409])])].sort((left, right) => left - right);

function responseOf(status: number, result: TSchema | undefined): object {
  if (status in errors) return { $ref: `#/components/responses/E${status}` };
  const content = status === 204 || result === undefined ? {} : { content: jsonOf(result) };
  return { description: successes[status] ?? 'Done', headers: rateHeaders, ...content };
}

const successes: Readonly<Record<number, string>> = { 201: 'Made', 202: 'Taken on' };

const files = { 'multipart/form-data': { schema: { type: 'object' } } };
const jsonOf = (schema: unknown) => ({ 'application/json': { schema } });

const errors: Readonly<Record<number, string>> = {
  400: 'The request is not valid; the message says where',
  401: 'The access token is missing or not good',
  403: 'The access token lacks a scope',
  404: 'There is no such thing',
  409: 'It exists already, or was changed meanwhile',
  412: 'It was changed since the version that If-Match names',
  413: 'The body is too large',
  429: 'Too many requests',
  503: 'Too much to do; try again soon',
};

const errorSchema = {
  type: 'object',
  required: ['statusCode', 'error', 'message'],
  properties: {
    statusCode: { type: 'integer' },
    error: { type: 'string', description: 'The name of the status.' },
    message: { type: 'string', description: 'For people.' },
    errorCode: { type: 'string', description: 'For programs.' },
    attributes: { type: 'object', description: 'With 401: the message again.' },
    trace_id: { type: 'string', description: 'With 500: under which our log has it.' },
  },
};

const count = (description: string) => ({ description, schema: { type: 'integer' } });
const headers: Readonly<Record<string, object>> = {
  'x-ratelimit-limit': count('How many requests are allowed at once'),
  'x-ratelimit-remaining': count('How many are allowed now'),
  'x-ratelimit-reset': count('When all are allowed again, in seconds since 1970'),
  'retry-after': count('In how many seconds it is worth asking again'),
};
const { 'retry-after': retryAfter, ...rateHeaders } = Object.fromEntries(
  Object.keys(headers).map((name) => [name, { $ref: `#/components/headers/${name}` }]),
);
const headersOf = (status: string) => (status === '429' ? { ...rateHeaders, 'retry-after': retryAfter } : rateHeaders);
