import type { TSchema } from '@sinclair/typebox';
import { validationError } from './problems.ts';

/**
 * The query as its schema reads it: numbers, booleans, and lists of what came more than once. What cannot be read stays
 * text, and validation says what is wrong with it.
 */
export function readQuery(search: string, schema: TSchema): Readonly<Record<string, unknown>> {
  const properties = (schema.properties ?? {}) as Readonly<Record<string, TSchema>>;
  const query: Record<string, unknown> = Object.create(null);
  for (const [name, text] of new URLSearchParams(search)) {
    const { [name]: property } = properties;
    if (property?.type === 'array') {
      query[name] = [...((query[name] as readonly unknown[] | undefined) ?? []), readValue(text, property.items)];
    } else if (name in query) {
      throw validationError('Query', [`'Parameter was sent more than once' on property ${name.slice(0, 100)}`]);
    } else {
      query[name] = readValue(text, property);
    }
  }
  return query;
}

function readValue(text: string, schema: TSchema | undefined): unknown {
  switch (schema?.type) {
    case 'integer':
    case 'number':
      return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text;
    default:
      return text;
  }
}
