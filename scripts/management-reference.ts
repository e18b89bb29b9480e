import type { Endpoint } from '../broker/src/management/endpoint.ts';
import { openApiOf } from '../broker/src/management/openapi.ts';

type Schema = {
  readonly type?: string;
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly [limit: string]: unknown;
};
type Operation = {
  readonly summary: string;
  readonly security: readonly { readonly token: readonly string[] }[];
  readonly parameters: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema: Schema;
  }[];
  readonly requestBody?: { readonly content: { readonly 'application/json'?: { readonly schema: Schema } } };
  readonly responses: Readonly<Record<string, unknown>>;
};

const introduction = `# Reference of the Management API

Written by \`node scripts/reference.ts\` from the program itself, as is the OpenAPI 3.1 document that a running broker has at
\`/api/v2/openapi.json\`. What holds for all of it is in [The Management API](management-api.md).
`;

/** docs/management-reference.md: parameters, body fields with types and limits, and answers of every endpoint. */
export function renderReference(endpoints: readonly Endpoint[]): string {
  const { paths } = openApiOf(endpoints, 'https://login.example.com/') as unknown as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  };
  const sections = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => render(`${method.toUpperCase()} ${path}`, operation)),
  );
  return [introduction, ...sections].join('\n');
}

function render(title: string, { summary, security, parameters, requestBody, responses }: Operation): string {
  const scopes = security.map(({ token }) => token.map((scope) => `\`${scope}\``).join(' and ')).join(' or ');
  const body = requestBody?.content['application/json']?.schema;
  const rows = [
    ...parameters.map(({ name, in: place, required, schema }) => rowOf(name, place, schema, required === true)),
    ...(body === undefined ? [] : rowsOf(body, '')),
  ];
  const table = rows.length === 0 ? [] : ['| name | in | type | required |', '| --- | --- | --- | --- |', ...rows, ''];
  const rest = body?.additionalProperties === false || body === undefined ? [] : ['Other fields are kept.', ''];
  const answers = Object.keys(responses).join(', ');
  return [`## ${title}`, '', `${summary}. Scope: ${scopes}. Answers: ${answers}.`, '', ...table, ...rest].join('\n');
}

/** The fields of a body; those of objects within it by their path. */
function rowsOf(schema: Schema, prefix: string): string[] {
  if (prefix === '' && schema.properties === undefined) return [rowOf('(whole)', 'body', schema, true)];
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const path = `${prefix}${name}`;
    const inner = innerOf(property);
    return [
      rowOf(path, 'body', property, schema.required?.includes(name) === true),
      ...(inner === undefined ? [] : rowsOf(inner.schema, `${path}${inner.suffix}.`)),
    ];
  });
}

/** What a field consists of, where that has names. */
function innerOf(schema: Schema): { readonly schema: Schema; readonly suffix: string } | undefined {
  if (schema.properties !== undefined) return { schema, suffix: '' };
  if (schema.items?.properties !== undefined) return { schema: schema.items, suffix: '[]' };
  const variants = (schema.anyOf ?? []).flatMap((variant) => innerOf(variant) ?? []);
  return variants.length === 1 ? variants[0] : undefined;
}

const rowOf = (name: string, place: string, schema: Schema, isRequired: boolean): string =>
  `| \`${name}\` | ${place} | ${typeOf(schema)} | ${isRequired ? 'yes' : ''} |`;

function typeOf(schema: Schema): string {
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeOf).join(' or ');
  const limits = limitsOf(schema);
  const suffix = limits.length === 0 ? '' : ` (${limits.join(', ')})`;
  if (schema.type === 'array') return `list of ${typeOf(schema.items ?? {})}${suffix}`;
  const [values] = Object.values(schema.patternProperties ?? {});
  if (values !== undefined) return `object, each value ${typeOf(values)}${suffix}`;
  return `${schema.type ?? 'anything'}${suffix}`;
}

const limitNames = {
  minLength: 'at least $ characters',
  maxLength: 'at most $ characters',
  minimum: 'from $',
  maximum: 'to $',
  minItems: 'at least $',
  maxItems: 'at most $',
  minProperties: 'at least $ fields',
  maxProperties: 'at most $ fields',
} as const;

function limitsOf(schema: Schema): string[] {
  const limits = Object.entries(limitNames).flatMap(([name, text]) => {
    const limit = schema[name];
    const says = limit !== undefined && !(limit === 0 && name.startsWith('min'));
    return says ? [text.replace('$', String(limit))] : [];
  });
  return schema.pattern === undefined ? limits : [...limits, 'of a certain form'];
}
