import { isDeepStrictEqual } from 'node:util';

export type Components = {
  /** A copy in which every schema with an `$id` is a reference. */
  refer(schema: unknown): unknown;
  /** What is referred to, by name. */
  list(): Readonly<Record<string, unknown>>;
};

/** Schemas with a name of their own stand once in the document, however often they are part of something. */
export function createComponents(): Components {
  const known = new Map<string, unknown>();
  const refer = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(refer);
    if (typeof node !== 'object' || node === null) return node;
    const { $id: name, ...rest } = node as { readonly $id?: unknown };
    const schema = withChoices(Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, refer(value)])));
    if (typeof name !== 'string') return schema;
    if (known.has(name) && !isDeepStrictEqual(known.get(name), schema)) {
      throw new Error(`two schemas are called ${name}`);
    }
    known.set(name, schema);
    return { $ref: `#/components/schemas/${name}` };
  };
  return {
    refer,
    list: () => Object.fromEntries([...known].sort(([left], [right]) => (left < right ? -1 : 1))),
  };
}

/** What TypeBox writes as a union of constants is a choice of texts to most readers of the document. */
function withChoices(schema: Readonly<Record<string, unknown>>): object {
  const { anyOf, ...rest } = schema;
  if (!Array.isArray(anyOf)) return schema;
  const texts = anyOf.flatMap(({ const: text }: { readonly const?: unknown }) =>
    typeof text === 'string' ? [text] : [],
  );
  return texts.length === anyOf.length ? { type: 'string', enum: texts, ...rest } : schema;
}
