import { type TObject, type TProperties, type TSchema, Type } from '@sinclair/typebox';

/*
 * What the Management API answers, one file per resource, written for the OpenAPI document; the tests hold every answer
 * against it. A schema with an `$id` becomes a component of that name. Objects may get more members in the future, so that
 * readers are told of no end of them; in the tests they end here, but for those that say that they are open.
 */

const described = (description: string | undefined) => (description === undefined ? {} : { description });

export const text = (description?: string) => Type.String(described(description));
export const flag = (description?: string) => Type.Boolean(described(description));
export const count = (description?: string) => Type.Integer(described(description));
export const time = (description?: string) => Type.String({ format: 'date-time', ...described(description) });
export const texts = (description?: string) => Type.Array(Type.String(), described(description));
export const oneOf = (values: readonly string[], description?: string) =>
  Type.Union(
    values.map((value) => Type.Literal(value)),
    described(description),
  );
export const orNull = (schema: TSchema, description?: string) =>
  Type.Union([schema, Type.Null()], described(description));

/** An object whose members are not ours to name. */
export const open = (description: string) => Type.Object({}, { additionalProperties: true, description });

/** What a request may set beyond `known`: settings that Portico keeps and that mean nothing to it. */
export const keptOf = (
  request: { readonly properties: TProperties },
  known: Readonly<Record<string, unknown>>,
): TProperties =>
  Object.fromEntries(
    Object.keys(request.properties)
      .filter((name) => known[name] === undefined)
      .map((name) => [name, Type.Optional(Type.Unknown({ description: 'Kept and shown as it came.' }))]),
  );

/** Where `fields` is a parameter: the object, or what is left of it. `always`: what is there whatever `fields` says. */
export function orPart(object: TObject, always: readonly string[] = []): TSchema {
  const properties = Object.entries(object.properties).map(([name, schema]) => [
    name,
    always.includes(name) ? schema : Type.Optional(schema),
  ]);
  const part = Type.Object(Object.fromEntries(properties) as TProperties, {
    ...(object.additionalProperties === undefined ? {} : { additionalProperties: object.additionalProperties }),
    $id: `${object.$id}Part`,
    description: `What \`fields\` leaves of ${object.$id}.`,
  });
  return Type.Union([object, part]);
}

const start = count('Where the page begins in the whole list, from 0.');
const limit = count('How many the page may have.');

export const arrayOf = (item: TSchema) =>
  Type.Array(item, { description: 'Without include_totals, take and from: the items alone.' });

export const pageWithTotals = (key: string, item: TSchema, more: TProperties = {}) =>
  Type.Object(
    { start, limit, total: count('How many there are in all.'), ...more, [key]: Type.Array(item) },
    { description: 'With include_totals=true: a page, and how many there are.' },
  );

export const pageWithCursor = (key: string, item: TSchema) =>
  Type.Object(
    {
      [key]: Type.Array(item),
      next: Type.Optional(text('What to pass as from for what follows; not there at the end.')),
    },
    { description: 'With take or from: a page, and where the next one begins.' },
  );

/** The three shapes of a list (contract: management API §1.4); the parameters decide which. */
export const listOf = (key: string, item: TSchema) =>
  Type.Union([arrayOf(item), pageWithTotals(key, item), pageWithCursor(key, item)]);

/** What is done but for what others are told of it. */
export const acceptedAnswer = Type.Object(
  {},
  { $id: 'Accepted', description: 'It is done; there is nothing to say of it.' },
);
