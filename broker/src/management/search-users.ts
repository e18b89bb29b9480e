import { type Static, Type } from '@sinclair/typebox';
import { ApiError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import { parseSearch } from '../core/parse-search.ts';
import { pageable, sortFields } from '../store/search/find-users.ts';
import type { ManagementDeps } from './deps.ts';
import type { Call } from './endpoint.ts';
import { fieldParameters, offsetParameters, pickFields, querySchema } from './paging.ts';
import { validationError } from './problems.ts';
import { showUsers } from './show-users.ts';

export const userListQuery = querySchema({
  ...offsetParameters,
  ...fieldParameters,
  q: Type.Optional(Type.String()),
  sort: Type.Optional(Type.String({ maxLength: 100 })),
  connection: Type.Optional(Type.String({ maxLength: 128 })),
  search_engine: Type.Optional(Type.Literal('v3')),
  /** Auth0's tools may ask for a stable order; it is always stable here. */
  primary_order: Type.Optional(Type.Boolean()),
});

const defaultSize = 50;
/** A search that has found nothing by then is asked to be narrower. */
export const searchMs = 2_000;

/** `GET /users`: a page of those who match (contract: management API §4.5). */
export async function searchUsers(
  deps: ManagementDeps,
  call: Call<Static<typeof userListQuery>>,
): Promise<readonly JsonObject[] | JsonObject> {
  const { query } = call;
  const { start, limit } = checkPage(query);
  const found = await deps.store.users.search({
    search: query.q === undefined || query.q.trim() === '' ? undefined : parseSearch(query.q),
    connection: query.connection,
    sort: readSort(query.sort, sortFields),
    start,
    limit,
    isCounted: query.include_totals === true,
    signal: AbortSignal.timeout(searchMs),
  });
  if (found === undefined) throw tookTooLong();
  const shown = await showUsers(deps, call, await deps.store.users.list(found.ids));
  const users = shown.map((user) => pickFields(user, query) as JsonObject);
  return found.total === undefined ? users : { start, limit, length: users.length, users, total: found.total };
}

export const tookTooLong = () =>
  new ApiError(
    503,
    'The query exceeded the timeout. Please try refining your search criteria to get more specific results.',
    { code: 'query_timeout' },
  );

/** Auth0: nobody pages beyond the first thousand, whatever the page's size. */
export function checkPage(query: { readonly page?: number; readonly per_page?: number }): {
  readonly start: number;
  readonly limit: number;
} {
  const limit = query.per_page ?? defaultSize;
  const start = (query.page ?? 0) * limit;
  if (start + limit <= pageable) return { start, limit };
  throw new ApiError(400, `You can only page through the first ${pageable} records.`, {
    code: 'invalid_query_string',
  });
}

/** `field:1` or `field:-1`. */
export function readSort(sort: string | undefined, fields: readonly string[]) {
  if (sort === undefined) return undefined;
  const [, field = '', direction] = /^([\w.]+):(-?1)$/.exec(sort) ?? [];
  if (direction !== undefined && fields.includes(field)) return { field, isDescending: direction === '-1' };
  throw validationError('Query', [
    `'Must be one of ${fields.join(', ')}, with :1 or :-1 behind it' on property sort (Field to sort by)`,
  ]);
}
