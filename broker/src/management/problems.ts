import type { TSchema } from '@sinclair/typebox';
import { TypeCompiler } from '@sinclair/typebox/compiler';
import { ValueErrorType as Type, type ValueError } from '@sinclair/typebox/errors';
import { ApiError } from '../core/errors.ts';

/** What was validated, as the message begins, and the `errorCode` that goes with it. */
const codes = { Payload: 'invalid_body', Query: 'invalid_query_string', Path: 'invalid_uri' } as const;
export type ValidatedPart = keyof typeof codes;

/** More would not be read, and a hostile body could make thousands. */
const maxProblems = 10;

/**
 * A check of one schema, compiled when it is first needed. Throws ApiError 400 with every problem in the wording of
 * Auth0's validator (contract: management API §1.3), which its tools show to people as it is.
 */
export function createValidator(part: ValidatedPart, schema: TSchema): (value: unknown) => void {
  let compiled: ReturnType<typeof TypeCompiler.Compile> | undefined;
  return (value) => {
    compiled ??= TypeCompiler.Compile(schema);
    if (!compiled.Check(value)) throw validationError(part, describeAll(compiled.Errors(value)));
  };
}

export const validationError = (part: ValidatedPart, problems: readonly string[]): ApiError =>
  new ApiError(400, problems.map((problem) => `${part} validation error: ${problem}.`).join(' (also) '), {
    code: codes[part],
  });

function describeAll(errors: Iterable<ValueError>): string[] {
  const unknown = new Map<string, string[]>();
  const problems = new Map<string, string>();
  for (const error of expand(errors)) {
    if (problems.size + unknown.size === maxProblems) break;
    if (error.type === Type.ObjectAdditionalProperties) {
      const { parent, name } = split(error.path);
      unknown.set(parent, [...(unknown.get(parent) ?? []), name]);
    } else if (!problems.has(error.path)) {
      // A missing property is reported again for its type; the first report says it.
      problems.set(error.path, describe(error));
    }
  }
  const additional = [...unknown].map(([parent, names]) => {
    return `'Additional properties not allowed: ${cut(names.join(','))}'${placeOf(parent)}`;
  });
  return [...additional, ...problems.values()];
}

/** Where there are several things that a value may be, it is described by the one that it is meant to be. */
function* expand(errors: Iterable<ValueError>): Generator<ValueError> {
  for (const error of errors) {
    const inner = error.type === Type.Union ? errorsOfMeantVariant(error) : undefined;
    if (inner === undefined) yield error;
    else yield* expand(inner);
  }
}

/** Values that stand for nothing (null, an empty text) are not what is meant. */
function errorsOfMeantVariant({ schema, value, errors }: ValueError): Iterable<ValueError> | undefined {
  const telling = variantsOf(schema)
    .map((variant, index) => ({ variant, index }))
    .filter(({ variant }) => variant.type !== 'null' && variant.const === undefined);
  const meant = telling.length > 1 ? telling.filter(({ variant }) => variant.type === typeOf(value)) : telling;
  const [only] = meant;
  return meant.length === 1 && only !== undefined ? errors[only.index] : undefined;
}

const variantsOf = ({ anyOf = [] }: TSchema) => anyOf as readonly TSchema[];

function describe(error: ValueError): string {
  if (error.type === Type.ObjectRequiredProperty) {
    const { parent, name } = split(error.path);
    return `'Missing required property: ${name}'${placeOf(parent)}`;
  }
  const description = error.schema.description ?? choiceOf(error.schema);
  const explained = typeof description === 'string' && error.path !== '' ? ` (${description.replace(/\.$/, '')})` : '';
  return `'${messageOf(error)}'${placeOf(error.path)}${explained}`;
}

/** What may stand there, where that can be listed. */
function choiceOf(schema: TSchema): string | undefined {
  const values = variantsOf(schema).map(({ const: value }) => value as unknown);
  return values.length > 0 && !values.includes(undefined) ? `one of: ${cut(values.join(', '))}` : undefined;
}

function messageOf({ type, schema, value }: ValueError): string {
  const shown = cut(typeof value === 'string' ? value : (JSON.stringify(value) ?? 'undefined'));
  const size = typeof value === 'string' || Array.isArray(value) ? value.length : Object.keys(Object(value)).length;
  switch (type) {
    case Type.StringPattern:
      return `String does not match pattern ${schema.pattern}: ${shown}`;
    case Type.StringMinLength:
      return `String is too short (${size} chars), minimum ${schema.minLength}`;
    case Type.StringMaxLength:
      return `String is too long (${size} chars), maximum ${schema.maxLength}`;
    case Type.StringFormat:
      return `Object didn't pass validation for format ${schema.format}: ${shown}`;
    case Type.ArrayMinItems:
      return `Array is too short (${size}), minimum ${schema.minItems}`;
    case Type.ArrayMaxItems:
      return `Array is too long (${size}), maximum ${schema.maxItems}`;
    case Type.ArrayUniqueItems:
      return 'Array items are not unique';
    case Type.ObjectMinProperties:
      return `Too few properties defined (${size}), minimum ${schema.minProperties}`;
    case Type.ObjectMaxProperties:
      return `Too many properties defined (${size}), maximum ${schema.maxProperties}`;
    case Type.IntegerMinimum:
    case Type.NumberMinimum:
      return `Value ${shown} is less than minimum ${schema.minimum}`;
    case Type.NumberExclusiveMinimum:
      return `Value ${shown} is equal or less than exclusive minimum ${schema.exclusiveMinimum}`;
    case Type.IntegerMaximum:
    case Type.NumberMaximum:
      return `Value ${shown} is greater than maximum ${schema.maximum}`;
    case Type.Union:
    case Type.Literal:
      return typesOf(schema) === undefined ? `No enum match for: ${shown}` : mismatch(typesOf(schema), value);
    default:
      return mismatch(String(schema.type ?? 'object'), value);
  }
}

const mismatch = (expected: string | undefined, value: unknown): string =>
  `Expected type ${expected} but found type ${typeOf(value)}`;

/** Of what is told apart by type alone. */
function typesOf(schema: TSchema): string | undefined {
  const telling = variantsOf(schema).filter(({ type }) => type !== 'null');
  const isByType = telling.length > 1 && telling.every((variant) => variant.const === undefined);
  return isByType ? telling.map(({ type }) => String(type)).join(' or ') : undefined;
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}

/** The end of a JSON pointer, and what holds it. */
function split(pointer: string): { readonly parent: string; readonly name: string } {
  const at = pointer.lastIndexOf('/');
  return { parent: pointer.slice(0, at), name: cut(unescapePointer(pointer.slice(at + 1))) };
}

function placeOf(pointer: string): string {
  if (pointer === '') return '';
  const path = pointer
    .slice(1)
    .split('/')
    .map((name) => (/^\d+$/.test(name) ? `[${name}]` : `.${unescapePointer(name)}`))
    .join('');
  return ` on property ${cut(path.replace(/^\./, ''))}`;
}

const unescapePointer = (name: string): string => name.replaceAll('~1', '/').replaceAll('~0', '~');
const cut = (text: string): string => (text.length > 200 ? `${text.slice(0, 200)}…` : text);
