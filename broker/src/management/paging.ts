import { type TObject, type TProperties, Type } from '@sinclair/typebox';
import { ApiError } from '../core/errors.ts';

/** The parameters of every list (contract: management API §1.4). */
export const offsetParameters = {
  page: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000_000 })),
  per_page: Type.Optional(Type.Integer({ minimum: 0, maximum: 100 })),
  include_totals: Type.Optional(Type.Boolean()),
} satisfies TProperties;

export const checkpointParameters = {
  from: Type.Optional(Type.String({ maxLength: 1000 })),
  take: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
} satisfies TProperties;

/** Of lists that are pages with a cursor unless totals are asked for, as go-auth0 does with `per_page`. */
export const cursorOrTotals = Type.Object(
  { ...checkpointParameters, ...offsetParameters },
  { additionalProperties: false },
);

export const fieldParameters = {
  fields: Type.Optional(Type.String({ maxLength: 2000 })),
  include_fields: Type.Optional(Type.Boolean()),
} satisfies TProperties;

/** A query schema that refuses what it does not know. */
export const querySchema = <Properties extends TProperties>(properties: Properties): TObject<Properties> =>
  Type.Object(properties, { additionalProperties: false });

export type Paging = {
  readonly page?: number;
  readonly per_page?: number;
  readonly include_totals?: boolean;
  readonly from?: string;
  readonly take?: number;
};

const defaultSize = 50;

/**
 * One page of a list that is in memory, in the shape that was asked for: a bare array, an object with totals, or, as
 * soon as `take` or `from` is there, an object with a cursor. `idOf` names an item in the cursor.
 */
export function pageOf<Item>(
  items: readonly Item[],
  paging: Paging,
  { key, idOf }: { readonly key: string; readonly idOf: (item: Item) => string },
): unknown {
  if (paging.take !== undefined || paging.from !== undefined) return checkpointOf(items, paging, { key, idOf });
  const limit = paging.per_page ?? defaultSize;
  const start = (paging.page ?? 0) * limit;
  const slice = items.slice(start, start + limit);
  return paging.include_totals === true ? { start, limit, total: items.length, [key]: slice } : slice;
}

function checkpointOf<Item>(
  items: readonly Item[],
  { from, take = defaultSize }: Paging,
  { key, idOf }: { readonly key: string; readonly idOf: (item: Item) => string },
): unknown {
  const start = isStart(from) ? 0 : items.findIndex((item) => idOf(item) === readCursor(from)) + 1;
  if (!isStart(from) && start === 0) throw badCursor();
  const slice = items.slice(start, start + take);
  const last = slice.at(-1);
  const hasMore = last !== undefined && start + slice.length < items.length;
  return { [key]: slice, ...(hasMore ? { next: cursorOf(idOf(last)) } : {}) };
}

/**
 * A page of what comes and goes while it is listed, by `id`; with a cursor unless totals are asked for. The cursor is good
 * for as long as anybody likes, also when what it names is gone.
 */
export function pageById<Item extends { readonly id: string }>(
  items: readonly Item[],
  { from, take, page = 0, per_page: limit = defaultSize, include_totals: isCounted }: Paging,
  { key, show }: { readonly key: string; readonly show: (item: Item) => unknown },
): unknown {
  const sorted = items.toSorted((left, right) => (left.id < right.id ? -1 : 1));
  if (isCounted === true && isStart(from) && take === undefined) {
    const start = page * limit;
    return { start, limit, total: sorted.length, [key]: sorted.slice(start, start + limit).map(show) };
  }
  const after = isStart(from) ? '' : readCursor(from);
  const rest = sorted.filter(({ id }) => id > after);
  const shown = rest.slice(0, take ?? limit);
  const last = shown.at(-1);
  const hasMore = last !== undefined && rest.length > shown.length;
  return { [key]: shown.map(show), ...(hasMore ? { next: cursorOf(last.id) } : {}) };
}

/** Some tools name the parameter before they have a cursor. */
const isStart = (from: string | undefined): from is '' | undefined => from === undefined || from === '';

/** A cursor says where a page ended and nothing else: whoever forges one only picks another place to begin. */
export const cursorOf = (id: string): string => Buffer.from(id).toString('base64url');

export function readCursor(cursor: string): string {
  if (!/^[\w-]+$/.test(cursor)) throw badCursor();
  return Buffer.from(cursor, 'base64url').toString('utf8');
}

const badCursor = () =>
  new ApiError(400, "Query validation error: 'Invalid checkpoint' on property from.", { code: 'invalid_query_string' });

/** Auth0: `fields` picks, or with `include_fields=false` leaves out; `always` is there whatever is said. */
export function pickFields<Item extends Readonly<Record<string, unknown>>>(
  item: Item,
  { fields, include_fields: isInclusive = true }: { readonly fields?: string; readonly include_fields?: boolean },
  always: readonly string[] = [],
): Partial<Item> {
  if (fields === undefined || fields === '') return item;
  const named = new Set(fields.split(',').map((name) => name.trim()));
  return Object.fromEntries(
    Object.entries(item).filter(([name]) => always.includes(name) || named.has(name) === isInclusive),
  ) as Partial<Item>;
}
