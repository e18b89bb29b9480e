import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { ManagementDeps } from '../../src/management/deps.ts';
import { endpointsOf } from '../../src/management/management.ts';
import { openApiOf } from '../../src/management/openapi.ts';

/*
 * Holds answers of the Management API against the OpenAPI document that it serves.
 */

export type Answered = {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** Without the question mark. */
  readonly search: string;
  readonly status: number;
  /** As it was sent. */
  readonly body: string;
};

type Schema = { readonly type?: string; readonly properties?: object; readonly anyOf?: readonly Schema[] };
type Response = { readonly content?: { readonly 'application/json': { readonly schema: Schema } } };
type Document = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly responses: Record<string, Response> }>>>>;
};

export type AnswerCheck = {
  readonly isServed: (asked: Pick<Answered, 'method' | 'path'>) => boolean;
  /** What is wrong with an answer, for people; undefined: nothing. */
  readonly problemOf: (answered: Answered) => string | undefined;
};

/** May be said of any request, and is not in the document: faults of ours, and of the request as HTTP. */
const always = [408, 413, 415, 500, 501, 503];

export function createAnswerCheck(document: unknown): AnswerCheck {
  const { paths } = document as Document;
  const operations = Object.entries(paths)
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { responses }]) => ({ path, method, responses })),
    )
    .map((operation) => ({ ...operation, pattern: new RegExp(`^${operation.path.replace(/\{\w+\}/g, '[^/]+')}$`) }))
    .sort((left, right) => namedIn(left.path) - namedIn(right.path));
  const [whole, parts] = [createFinder(mapObjects(document, withoutParts)), createFinder(document)];
  const find = ({ method, path }: Pick<Answered, 'method' | 'path'>) =>
    operations.find((operation) => operation.method === method.toLowerCase() && operation.pattern.test(path));
  return {
    isServed: (asked) => find(asked) !== undefined,
    problemOf(answered) {
      const { method, path, search, status, body } = answered;
      const operation = find(answered);
      const says = (problem: string) => `${method} ${path}?${search} ${status}: ${problem} in ${body.slice(0, 500)}`;
      if (operation === undefined) return status < 400 ? says('an answer from where nothing is') : undefined;
      const response = operation.responses[status];
      if (response === undefined && status < 400) return says('an answer that the document does not know');
      if (response === undefined && !always.includes(status)) return says('undocumented');
      if (status >= 400) return problemIn(whole('#/components/schemas/Error'), body, says);
      if (response?.content === undefined)
        return body === '' ? undefined : says('a body that the document does not know');
      const finder = /(?:^|&)fields=[^&]/.test(search) ? parts : whole;
      const place = ['paths', operation.path, method.toLowerCase(), 'responses', status, 'content', 'application/json'];
      const shape = shapeOf(response.content['application/json'].schema, search);
      return problemIn(finder(pointerOf([...place, 'schema', ...shape])), body, says);
    },
  };
}

function problemIn(validate: ValidateFunction, body: string, says: (problem: string) => string): string | undefined {
  if (body === '') return says('nothing');
  if (validate(JSON.parse(body))) return undefined;
  return says(
    (validate.errors ?? [])
      .map((error) => `${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`)
      .join('; '),
  );
}

/** Which of a list's shapes it must be, as the parameters say: the way to it within its schema. */
function shapeOf({ anyOf = [] }: Schema, search: string): readonly unknown[] {
  const kinds: readonly string[] = anyOf.map(({ type, properties = {} }) =>
    type === 'array' ? 'plain' : 'next' in properties ? 'cursor' : 'start' in properties ? 'totals' : 'none',
  );
  const given = new URLSearchParams(search);
  const plain = given.get('include_totals') === 'true' ? 'totals' : 'plain';
  const order = given.has('take') || given.has('from') ? ['cursor', 'plain'] : [plain, 'cursor'];
  const wanted = order.find((kind) => kinds.includes(kind));
  return wanted === undefined || kinds.includes('none') ? [] : ['anyOf', kinds.indexOf(wanted)];
}

const namedIn = (path: string): number => path.split('{').length;

/** RFC 6901 §6. */
const pointerOf = (names: readonly unknown[]): string =>
  `#${names.map((name) => `/${encodeURIComponent(String(name).replaceAll('~', '~0').replaceAll('/', '~1'))}`).join('')}`;

/** Finds a schema of the document, in which objects end where their members are named. */
function createFinder(document: unknown): (pointer: string) => ValidateFunction {
  const ajv = new Ajv2020({ strict: false, validateSchema: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema(mapObjects(document, closed) as object, 'document');
  const found = new Map<string, ValidateFunction>();
  return (pointer) => {
    const validate = found.get(pointer) ?? ajv.compile({ $ref: `document${pointer}` });
    found.set(pointer, validate);
    return validate;
  };
}

type Node = Readonly<Record<string, unknown>>;

function mapObjects(node: unknown, change: (node: Node) => Node): unknown {
  if (Array.isArray(node)) return node.map((item) => mapObjects(item, change));
  if (typeof node !== 'object' || node === null) return node;
  const mapped = Object.entries(node).map(([name, value]) => [name, mapObjects(value, change)]);
  return change(Object.fromEntries(mapped));
}

const closed = (node: Node): Node =>
  node.type === 'object' && node.properties !== undefined ? { additionalProperties: false, ...node } : node;

/** Only who asks for `fields` may get a part of an object. */
function withoutParts(node: Node): Node {
  if (!Array.isArray(node.anyOf)) return node;
  return { ...node, anyOf: node.anyOf.filter((schema) => !/Part$/.test(String(schema.$ref))) };
}

let served: AnswerCheck | undefined;

/** Of this program's own document. */
export function servedAnswers(): AnswerCheck {
  served ??= createAnswerCheck(openApiOf(endpointsOf({} as ManagementDeps), 'https://login.example.com/'));
  return served;
}
