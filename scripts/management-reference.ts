import type { Endpoint } from '../broker/src/management/endpoint.ts';
import { openApiOf } from '../broker/src/management/openapi.ts';
import { answerOf, renderObjects } from './reference-answers.ts';
import { innerOf, type Schema, typeOf } from './reference-types.ts';

type Content = { readonly 'application/json'?: { readonly schema: Schema } };
type Operation = {
  readonly summary: string;
  readonly tags: readonly string[];
  readonly security: readonly { readonly token: readonly string[] }[];
  readonly parameters: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema: Schema;
  }[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
};
type Document = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
};

const introduction = (resources: readonly string[]) => `# Reference of the Management API

Written by \`node scripts/reference.ts\` from the program itself, as is the OpenAPI 3.1 document that a running broker has at
\`/api/v2/openapi.json\`. What holds for all of it is in [The Management API](management-api.md).

${resources.map((name) => `[${name}](#${name})`).join(' · ')} · [Objects](#objects)

Any endpoint may answer 400, 401, 403 and 429, and one that writes 409: these are not repeated below. Errors are an
[Error](#error).

Lists have pages: \`page\` counts from 0, \`per_page\` is at most 100, and so is \`take\`. A list *with totals* comes with
\`include_totals=true\`, as an object with \`start\`, \`limit\` and \`total\` beside it. A list *with a cursor* comes where \`take\` or
\`from\` is sent, with \`next\` beside it, which is the \`from\` of the next page; there is none at the end. Where \`fields\` is a
parameter (names with commas between), objects have the fields that it names, or with \`include_fields=false\` the others.
`;

/** docs/management-reference.md: what every endpoint takes and answers, and the objects that they have in common. */
export function renderReference(endpoints: readonly Endpoint[]): string {
  const { paths, components } = openApiOf(endpoints, 'https://login.example.com/') as unknown as Document;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ title: `${method.toUpperCase()} ${path}`, operation })),
  );
  const byResource = Object.entries(Object.groupBy(operations, ({ operation }) => operation.tags[0] ?? ''));
  return [
    introduction(byResource.map(([resource]) => resource)),
    ...byResource.flatMap(([resource, group = []]) => [
      `## ${resource}\n`,
      ...group.map(({ title, operation }) => render(title, operation)),
    ]),
    renderObjects(components.schemas),
  ].join('\n');
}

const everywhere = ['400', '401', '403', '409', '429'];

function render(title: string, { summary, security, parameters, requestBody, responses }: Operation): string {
  const scopes = security.map(({ token }) => token.map((scope) => `\`${scope}\``).join(' and ')).join(' or ');
  const body = requestBody?.content['application/json']?.schema;
  const query = parameters.filter((parameter) => parameter.in === 'query');
  const answers = Object.entries(responses)
    .filter(([status]) => !everywhere.includes(status))
    .map(([status, { content }]) => {
      const schema = content?.['application/json']?.schema;
      return schema === undefined ? status : `${status}: ${answerOf(schema)}`;
    });
  return [
    `### ${title}`,
    '',
    `${summary}. Scope: ${scopes}.`,
    '',
    ...commonIn(query),
    ...tableOf(
      'query',
      query
        .filter(({ name }) => !ofLists.includes(name))
        .map((one) => rowOf(one.name, one.schema, one.required === true)),
    ),
    ...(body === undefined ? [] : [...tableOf('body', rowsOf(body, '')), ...restOf(body)]),
    ...(answers.length === 0 ? [] : [`Answers ${answers.join('; ')}.`, '']),
  ].join('\n');
}

const tableOf = (title: string, rows: readonly string[]): readonly string[] =>
  rows.length === 0 ? [] : [`| ${title} | type | |`, '| --- | --- | --- |', ...rows, ''];

const ofLists = ['page', 'per_page', 'include_totals', 'from', 'take', 'fields', 'include_fields'];

/** What lists have in common is said of all of them, and named here. */
function commonIn(query: Operation['parameters']): readonly string[] {
  const common = query.filter(({ name }) => ofLists.includes(name));
  const names = common.map(({ name, schema: { maximum } }) =>
    name === 'take' && maximum !== 100 ? `\`take\` (at most ${maximum})` : `\`${name}\``,
  );
  return names.length === 0 ? [] : [`Takes ${names.join(', ')}.`, ''];
}

/** Nobody reads what may be anything. */
const isKept = (schema: Schema): boolean => Object.keys(schema).length === 0;

/** The fields of a body; those of objects within it by their path. */
function rowsOf(schema: Schema, prefix: string): string[] {
  const inner = innerOf(schema);
  if (prefix === '' && schema.properties === undefined) {
    const whole = rowOf('(whole)', schema, true);
    return inner === undefined ? [whole] : [whole, ...rowsOf(inner.schema, `${inner.suffix}.`)];
  }
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    if (isKept(property)) return [];
    const path = `${prefix}${name}`;
    const within = innerOf(property);
    return [
      rowOf(path, property, schema.required?.includes(name) === true),
      ...(within === undefined ? [] : rowsOf(within.schema, `${path}${within.suffix}.`)),
    ];
  });
}

function restOf({ type, properties = {}, additionalProperties }: Schema): readonly string[] {
  const names = Object.entries(properties).flatMap(([name, schema]) => (isKept(schema) ? [`\`${name}\``] : []));
  const others = type === 'object' && additionalProperties !== false ? ['others'] : [];
  const kept = [...names, ...others];
  return kept.length === 0 ? [] : [`Kept and shown as they came: ${kept.join(', ')}.`, ''];
}

const rowOf = (name: string, schema: Schema, isRequired: boolean): string =>
  `| \`${name}\` | ${typeOf(schema)} | ${isRequired ? 'required' : ''} |`;
