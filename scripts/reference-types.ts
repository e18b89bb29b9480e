/** What of JSON Schema the Management API is described with. */
export type Schema = {
  readonly $ref?: string;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly description?: string;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly [limit: string]: unknown;
};

/** A type in words, with its limits. */
export function typeOf(schema: Schema): string {
  if (schema.$ref !== undefined) return linkTo(schema);
  const choices = schema.enum ?? [];
  if (choices.length > 0) return choices.map((value) => `\`${JSON.stringify(value)}\``).join(' or ');
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.anyOf !== undefined)
    return schema.anyOf
      .filter((variant) => !isPart(variant))
      .map(typeOf)
      .join(' or ');
  if (schema.type === 'array')
    return `list of ${typeOf(schema.items ?? {})}${then(lengthOf(schema, 'Items', ' of them'))}`;
  const [values] = Object.values(schema.patternProperties ?? {});
  const fields = lengthOf(schema, 'Properties', ' fields');
  if (values !== undefined) return `object, each value ${typeOf(values)}${then(fields)}`;
  if (schema.format === 'date-time') return 'time';
  const form = schema.pattern === undefined ? undefined : (formIn(schema) ?? 'of a certain form');
  const limits = [lengthOf(schema, 'Length', ' characters'), rangeOf(schema), fields, form];
  return `${schema.type ?? 'anything'}${inBrackets(...limits)}`;
}

/** Some patterns have words for what they let through. */
export const formIn = ({ pattern, description }: Schema): string | undefined =>
  pattern !== undefined && /^[a-z]/.test(description ?? '') ? description : undefined;

const then = (words: string | undefined): string => (words === undefined ? '' : `, ${words}`);

/** Schemas with a name have a section of that name. */
const linkTo = ({ $ref }: Schema): string => {
  const name = nameIn($ref);
  return `[${name}](#${name.toLowerCase()})`;
};

export const nameIn = (reference: string | undefined): string => reference?.split('/').at(-1) ?? '';
/** What `fields` leaves of an object is said of `fields`, once. */
export const isPart = ({ $ref }: Schema): boolean => nameIn($ref).endsWith('Part');

const inBrackets = (...words: readonly (string | undefined)[]): string => {
  const said = words.filter((word) => word !== undefined);
  return said.length === 0 ? '' : ` (${said.join(', ')})`;
};

function lengthOf(schema: Schema, what: string, unit: string): string | undefined {
  const { [`min${what}`]: least, [`max${what}`]: most } = schema as Readonly<Record<string, number | undefined>>;
  if (most === undefined) return least === undefined || least === 0 ? undefined : `at least ${least}${unit}`;
  if (least === most) return `${most}${unit}`;
  return least === undefined || least === 0 ? `at most ${most}${unit}` : `${least} to ${most}${unit}`;
}

function rangeOf(schema: Schema): string | undefined {
  const { minimum, maximum, exclusiveMinimum } = schema as Readonly<Record<string, number | undefined>>;
  const from = exclusiveMinimum === undefined ? minimum : `more than ${exclusiveMinimum}`;
  if (maximum === undefined) return from === undefined ? undefined : `from ${from}`;
  return from === undefined ? `to ${maximum}` : `${from} to ${maximum}`;
}

/** What a field consists of, where that has names of its own and no section. */
export function innerOf(schema: Schema): { readonly schema: Schema; readonly suffix: string } | undefined {
  if (schema.properties !== undefined) return { schema, suffix: '' };
  if (schema.items?.properties !== undefined) return { schema: schema.items, suffix: '[]' };
  const variants = (schema.anyOf ?? []).flatMap((variant) => innerOf(variant) ?? []);
  return variants.length === 1 ? variants[0] : undefined;
}
