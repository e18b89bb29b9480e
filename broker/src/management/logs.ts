import { Type } from '@sinclair/typebox';
import { ApiError } from '../core/errors.ts';
import type { ConnectionId } from '../core/ids.ts';
import type { JsonObject } from '../core/json.ts';
import type { LogEvent } from '../core/log-event.ts';
import { parseSearch } from '../core/parse-search.ts';
import { logAnswer, logList } from '../wire/management/answers/log.ts';
import { logToWire } from '../wire/management/log-object.ts';
import type { ManagementDeps } from './deps.ts';
import { anyOf, type Endpoint, endpoint } from './endpoint.ts';
import { checkpointParameters, fieldParameters, offsetParameters, pickFields, querySchema } from './paging.ts';
import { checkPage, readSort, searchMs, tookTooLong } from './search-users.ts';

const scopes = anyOf('read:logs', 'read:logs_users');
const sorted = { sort: Type.Optional(Type.String({ maxLength: 100 })) };

/** `/logs`, `/logs/:id` and `/users/:id/logs` (contract: management API §5.3). */
export function logEndpoints(deps: ManagementDeps): readonly Endpoint[] {
  const { store, issuerUrl } = deps;
  return [
    endpoint({
      method: 'GET',
      path: '/logs',
      summary: 'Search the log, newest first, or follow it from an event on',
      scopes,
      query: querySchema({
        ...offsetParameters,
        ...checkpointParameters,
        ...fieldParameters,
        ...sorted,
        q: Type.Optional(Type.String()),
        // What Auth0's libraries call it; the reference has both.
        search: Type.Optional(Type.String()),
      }),
      result: logList,
      answers: [200, 400, 503],
      async handle({ query }) {
        if (query.from === undefined && query.take === undefined) {
          return { status: 200, body: await searchLogs(deps, query, undefined) };
        }
        const events = settledOf(deps, await store.logs.listAfter(query.from, query.take ?? 50));
        return {
          status: 200,
          body: await showEvents(deps, events),
          headers: { link: nextLink(issuerUrl, events.at(-1)?.id ?? query.from, query.take) },
        };
      },
    }),
    endpoint({
      method: 'GET',
      path: '/logs/:id',
      summary: 'Get an event of the log',
      scopes,
      result: logAnswer,
      answers: [200, 404],
      async handle({ path }) {
        const event = await store.logs.find(path.id ?? '');
        if (event === undefined) throw new ApiError(404, 'Log not found.', { code: 'inexistent_log' });
        const [body] = await showEvents(deps, [event]);
        return { status: 200, body };
      },
    }),
    endpoint({
      method: 'GET',
      path: '/users/:id/logs',
      summary: 'List what the log says of a user, newest first',
      scopes,
      query: querySchema({ ...offsetParameters, ...sorted }),
      result: logList,
      answers: [200, 400],
      handle: async ({ path, query }) => ({ status: 200, body: await searchLogs(deps, query, path.id) }),
    }),
  ];
}

type LogQuery = Parameters<typeof checkPage>[0] &
  Parameters<typeof pickFields>[1] & {
    readonly q?: string;
    readonly search?: string;
    readonly sort?: string;
    readonly include_totals?: boolean;
  };

async function searchLogs(deps: ManagementDeps, query: LogQuery, userId: string | undefined) {
  const { start, limit } = checkPage(query);
  const both = [query.q, query.search].filter((text) => text !== undefined && text.trim() !== '');
  const wanted = both.length === 2 ? both.map((text) => `(${text})`) : both;
  const { clients, connections } = await deps.directory.read();
  const isNewestFirst = readSort(query.sort, ['date'])?.isDescending ?? true;
  const events = await deps.store.logs.search({
    search: wanted.length === 0 ? undefined : parseSearch(wanted.join(' AND ')),
    userId,
    names: {
      clients: clients.map(({ id, name }) => ({ id, name: name ?? '' })),
      connections,
      hostname: new URL(deps.issuerUrl).hostname,
    },
    isNewestFirst,
    start,
    limit,
    signal: AbortSignal.timeout(searchMs),
  });
  if (events === undefined) throw tookTooLong();
  const logs = (await showEvents(deps, byDate(events, isNewestFirst))).map((event) => pickFields(event, query));
  // Auth0: the total of a page of the log is the page's length.
  return query.include_totals === true ? { start, limit, length: logs.length, total: logs.length, logs } : logs;
}

/** They come as they were written; some lines wait a moment for others to be written with. */
const byDate = (events: readonly LogEvent[], isNewestFirst: boolean): readonly LogEvent[] =>
  events.toSorted((left, right) => (left.at.getTime() - right.at.getTime()) * (isNewestFirst ? -1 : 1));

async function showEvents(
  { directory, issuerUrl }: Pick<ManagementDeps, 'directory' | 'issuerUrl'>,
  events: readonly LogEvent[],
): Promise<readonly JsonObject[]> {
  const tenant = await directory.read();
  const { hostname } = new URL(issuerUrl);
  return events.map((event) =>
    logToWire(event, {
      clientName: (event.clientId === undefined ? undefined : tenant.findClient(event.clientId)?.name) ?? '',
      connectionName: tenant.findConnection(event.connectionId as ConnectionId)?.name ?? '',
      hostname,
    }),
  );
}

/** So long after it happened a line is written, whatever else the database does. */
const settlingMs = 2_000;

/**
 * Whoever follows the log must not pass a line by. Several transactions of PostgreSQL are under way side by side: one with
 * an earlier line may end after one with a later line, so the newest lines wait for their turn. SQLite writes in order.
 */
function settledOf({ store, clock }: ManagementDeps, events: readonly LogEvent[]): readonly LogEvent[] {
  if (store.dialect === 'sqlite') return events;
  const settledAt = clock.now().getTime() - settlingMs;
  const end = events.findIndex(({ at }) => at.getTime() > settledAt);
  return end === -1 ? events : events.slice(0, end);
}

/** An empty page leads to itself: whoever follows the log asks there again. */
function nextLink(issuerUrl: string, from: string | undefined, take: number | undefined): string {
  const next = new URL('api/v2/logs', issuerUrl);
  if (from !== undefined) next.searchParams.set('from', from);
  next.searchParams.set('take', String(take ?? 50));
  return `<${next}>; rel="next"`;
}
