import type { TSchema } from '@sinclair/typebox';
import type { Seeded } from '../../differential/seeded.ts';

/*
 * Values that a schema would take, more or less, and what can be done to a value. The same seed makes the same requests.
 */

/** Texts that are something to somebody: ids and names that exist, addresses, scripts, searches. */
export type Corpus = readonly string[];

const plain: Corpus = [
  'x',
  'Name',
  'one',
  'spa',
  'oauth2',
  'post-login',
  'https://a.example/path',
  'https://*.a.example',
  'http://localhost:3000/cb',
  'com.example.app:/cb',
  'read:clients',
  '2026-01-01T00:00:00.000Z',
  '20260101',
  '#ff00aa',
  'exports.onExecutePostLogin = async () => {};',
  'function (user, context, callback) { callback(null, user, context); }',
  'email:a@b.example AND NOT blocked:true',
  'name:a* OR (email:[a TO z] AND logins_count:{1 TO *})',
  'date:1',
  'urn:acme:x',
];

const hostile: Corpus = [
  '',
  ' ',
  '\0',
  '\ud800',
  '\u202e',
  '__proto__',
  'constructor',
  'toString',
  "' or 1=1 --",
  '%',
  '_',
  '*',
  '"',
  '\\',
  '../../etc/passwd',
  '{{1}}',
  '%s%n',
  'javascript:alert(1)',
  'http://[::1',
  'https://user@a.example/#x',
  'https://xn--/',
  'name:/(a+)+$/',
  '((((((((((((((((((((',
  'NOT NOT NOT',
  '_exists_:',
  '[* TO',
  'null',
  '-1',
  '1e999',
  '9007199254740993',
  'x'.repeat(5_000),
  '𝒳'.repeat(300),
  '<script>alert(1)</script>',
  'a\r\nb: c',
];

const numbers = [0, 1, -1, 2, 50, 100, 101, 0.5, 86_400, 2 ** 31, 2 ** 53, -(2 ** 53), 1e300];

/** One that fits, as far as a generator can know: patterns are left to the corpus. */
export function valueFor(seeded: Seeded, schema: TSchema, corpus: Corpus, depth = 0): unknown {
  if ('const' in schema) return schema.const;
  if (Array.isArray(schema.anyOf)) return valueFor(seeded, seeded.pick(schema.anyOf as TSchema[]), corpus, depth);
  switch (schema.type) {
    case 'string':
      return seeded.pick(seeded.below(3) === 0 ? corpus : plain);
    case 'integer':
    case 'number':
      return seeded.below(2) === 0 ? (schema.minimum ?? 1) : seeded.pick(numbers);
    case 'boolean':
      return seeded.below(2) === 0;
    case 'null':
      return null;
    case 'array':
      return Array.from({ length: seeded.below(4) }, () => valueFor(seeded, schema.items ?? {}, corpus, depth + 1));
    case 'object':
      return objectFor(seeded, schema, corpus, depth);
    default:
      return anything(seeded, corpus, depth);
  }
}

function objectFor(seeded: Seeded, schema: TSchema, corpus: Corpus, depth: number): unknown {
  const required: readonly string[] = schema.required ?? [];
  const properties = Object.entries((schema.properties ?? {}) as Readonly<Record<string, TSchema>>);
  const listed = properties.filter(([name]) => required.includes(name) || seeded.below(4) === 0);
  const [values] = Object.values((schema.patternProperties ?? {}) as Readonly<Record<string, TSchema>>);
  const named =
    values === undefined ? [] : Array.from({ length: seeded.below(3) }, () => [seeded.pick(plain), values] as const);
  return Object.fromEntries(
    [...listed, ...named].map(([name, property]) => [name, valueFor(seeded, property, corpus, depth + 1)]),
  );
}

function anything(seeded: Seeded, corpus: Corpus, depth: number): unknown {
  const kind = seeded.below(depth > 3 ? 5 : 7);
  if (kind === 0) return null;
  if (kind === 1) return seeded.pick(numbers);
  if (kind === 2) return seeded.pick(plain);
  if (kind === 3) return seeded.pick(hostile);
  if (kind === 4) return seeded.below(2) === 0;
  if (kind === 5) return [anything(seeded, corpus, depth + 1)];
  return { [seeded.pick(plain)]: anything(seeded, corpus, depth + 1) };
}

/** The value with one thing done to it, somewhere inside. */
export function mutate(seeded: Seeded, value: unknown, corpus: Corpus): unknown {
  if (typeof value === 'object' && value !== null && seeded.below(4) > 0) {
    return Array.isArray(value) ? mutateList(seeded, value, corpus) : mutateObject(seeded, value, corpus);
  }
  const kind = seeded.below(6);
  if (kind === 0) return seeded.pick(hostile);
  if (kind === 1) return deep(seeded.pick([10, 63, 64, 65, 200]));
  // Not of lists: what is longer than a megabyte never gets this far.
  if (kind === 2 && typeof value !== 'object') return Array.from({ length: seeded.pick([101, 1_000]) }, () => value);
  if (kind === 3) return Object.fromEntries(hostile.slice(1, 12).map((name) => [name, value]));
  return anything(seeded, corpus, 0);
}

function mutateList(seeded: Seeded, list: readonly unknown[], corpus: Corpus): unknown {
  if (list.length === 0) return [seeded.pick(hostile)];
  const at = seeded.below(list.length);
  if (seeded.below(4) === 0) return [...list, list[at]];
  return list.map((item, index) => (index === at ? mutate(seeded, item, corpus) : item));
}

function mutateObject(seeded: Seeded, object: object, corpus: Corpus): unknown {
  const entries = Object.entries(object);
  const kind = seeded.below(5);
  if (kind === 0 || entries.length === 0)
    return JSON.parse(`{"${seeded.pick(['__proto__', 'x', 'id', 'toString'])}":1}`);
  const at = seeded.below(entries.length);
  if (kind === 1) return Object.fromEntries(entries.filter((_, index) => index !== at));
  return Object.fromEntries(
    entries.map(([name, value], index) => [name, index === at ? mutate(seeded, value, corpus) : value]),
  );
}

const deep = (levels: number): unknown => JSON.parse(`${'[{"a":'.repeat(levels)}1${'}]'.repeat(levels)}`);

/** A query that a schema would take, with the odd hostile value; as it stands in an address. */
export function searchFor(seeded: Seeded, schema: TSchema | undefined, corpus: Corpus): string {
  const properties = (schema?.properties ?? {}) as Readonly<Record<string, TSchema>>;
  const search = new URLSearchParams();
  for (const [name, property] of Object.entries(properties)) {
    if (seeded.below(3) > 0) continue;
    const value = valueFor(seeded, property, corpus);
    search.append(name, seeded.below(4) === 0 ? seeded.pick(hostile) : String(value));
  }
  if (seeded.below(10) === 0) search.append(seeded.pick(hostile), seeded.pick(hostile));
  const text = search.toString();
  return seeded.below(20) === 0 ? `${text}&%ff=%&a[]=1&=` : text;
}

/** What stands in an address where an id should be. */
export const idFor = (seeded: Seeded, corpus: Corpus): string =>
  encodeURIComponent(seeded.pick(seeded.below(4) === 0 ? hostile.filter((text) => text.isWellFormed()) : corpus));
