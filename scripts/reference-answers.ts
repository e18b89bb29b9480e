import { formIn, innerOf, isPart, type Schema, typeOf } from './reference-types.ts';

/** An answer in one line: the object by its name, or a list of them in its shapes. */
export function answerOf(schema: Schema): string {
  const variants = schema.anyOf?.filter((variant) => !isPart(variant)) ?? [schema];
  const [list] = variants.filter(({ type }) => type === 'array');
  const pages = variants.flatMap((variant) => pageOf(variant) ?? []);
  const [page] = pages;
  if (page === undefined) return typeOf(schema);
  const shapes = pages.map(({ shape }) => shape).join(', or ');
  return `${list === undefined ? `list of ${page.item}` : typeOf(list)}, ${list === undefined ? 'as' : 'or'} \`${page.key}\` ${shapes}`;
}

/** An object around one list. */
function pageOf({ properties = {}, description }: Schema) {
  const [key, list] = Object.entries(properties).find(([, { type }]) => type === 'array') ?? [];
  if (key === undefined || list?.items === undefined) return undefined;
  const shape = 'next' in properties ? 'with a cursor' : 'total' in properties ? 'with totals' : 'of an object';
  return { key, item: typeOf(list.items), shape, description };
}

/** A section for each named object, but for parts of them. */
export function renderObjects(schemas: Readonly<Record<string, Schema>>): string {
  const sections = Object.entries(schemas)
    .filter(([name]) => !isPart({ $ref: name }))
    .map(([name, schema]) => renderObject(name, schema));
  return [introduction, ...sections].join('\n');
}

const introduction = `## Objects

A question mark: the field may be missing.
`;

const kept = 'Kept and shown as it came.';

function renderObject(name: string, schema: Schema): string {
  const entries = Object.entries(schema.properties ?? {});
  const keptNames = entries.filter(([, { description }]) => description === kept).map(([field]) => `\`${field}\``);
  const rows = rowsOf(schema, '');
  return [
    `### ${name}`,
    '',
    ...(schema.description === undefined ? [] : [schema.description, '']),
    ...(schema.type === 'object' ? [] : [`One of ${typeOf(schema)}.`, '']),
    ...(rows.length === 0 ? [] : ['| field | type | |', '| --- | --- | --- |', ...rows, '']),
    ...(keptNames.length === 0 ? [] : [`Kept and shown as they came: ${keptNames.join(', ')}.`, '']),
  ].join('\n');
}

function rowsOf(schema: Schema, prefix: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    if (property.description === kept) return [];
    const path = `${prefix}${name}`;
    const inner = innerOf(property);
    const mark = schema.required?.includes(name) === true ? '' : '?';
    const says = formIn(property) === undefined ? (property.description ?? '').replaceAll('|', '\\|') : '';
    return [
      `| \`${path}\`${mark} | ${typeOf(property)} | ${says} |`,
      ...(inner === undefined ? [] : rowsOf(inner.schema, `${path}${inner.suffix}.`)),
    ];
  });
}
