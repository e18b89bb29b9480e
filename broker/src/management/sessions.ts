import { Type } from '@sinclair/typebox';
import { ApiError } from '../core/errors.ts';
import type { Session } from '../core/session.ts';
import type { Write } from '../store/store.ts';
import {
  refreshTokenAnswer,
  refreshTokenList,
  sessionAnswer,
  sessionList,
} from '../wire/management/answers/session.ts';
import { acceptedAnswer } from '../wire/management/answers/shapes.ts';
import { refreshTokenToWire, sessionToWire } from '../wire/management/session-object.ts';
import type { ManagementDeps } from './deps.ts';
import { sessionEnds, tokenEnds } from './end-access.ts';
import { type Acting, anyOf, type Endpoint, endpoint } from './endpoint.ts';
import { getUser } from './get-user.ts';
import { checkpointParameters, type Paging, pageOf, querySchema } from './paging.ts';

const listQuery = querySchema({ ...checkpointParameters, include_totals: Type.Optional(Type.Boolean()) });
const accepted = { status: 202, body: {} };

/** Sessions of a user, and one by its id (contract: management API §4.1). The id is the `sid` claim. */
export function sessionEndpoints(deps: ManagementDeps): readonly Endpoint[] {
  const { store, clock } = deps;
  return [
    endpoint({
      method: 'GET',
      path: '/users/:user_id/sessions',
      summary: 'List the sessions of a user',
      scopes: anyOf('read:sessions'),
      query: listQuery,
      result: sessionList,
      answers: [200, 404],
      async handle({ path, query }) {
        const user = await getUser(deps, path.user_id);
        const sessions = withoutTwins(await store.sessions.listByUser(user.id, clock.now())).map(sessionToWire);
        return { status: 200, body: listOf(sessions, query, 'sessions') };
      },
    }),
    endpoint({
      method: 'DELETE',
      path: '/users/:user_id/sessions',
      summary: 'End every session of a user',
      scopes: anyOf('delete:sessions'),
      result: acceptedAnswer,
      answers: [202, 404],
      async handle(call) {
        const user = await getUser(deps, call.path.user_id);
        const ends = sessionEnds(deps, await store.sessions.listByUser(user.id, clock.now()));
        await end(deps, call, { ends, userId: user.id, description: 'End the sessions of a user' });
        return accepted;
      },
    }),
    endpoint({
      method: 'GET',
      path: '/sessions/:id',
      summary: 'Get a session',
      scopes: anyOf('read:sessions'),
      result: sessionAnswer,
      answers: [200, 404],
      async handle({ path }) {
        const [session] = await store.sessions.listBySid(path.id ?? '', clock.now());
        if (session === undefined) throw noSession();
        return { status: 200, body: sessionToWire(session) };
      },
    }),
    endpoint({
      method: 'DELETE',
      path: '/sessions/:id',
      summary: 'End a session',
      scopes: anyOf('delete:sessions'),
      result: acceptedAnswer,
      answers: [202],
      async handle(call) {
        const sessions = await store.sessions.listBySid(call.path.id ?? '', clock.now());
        const ends = sessionEnds(deps, sessions);
        await end(deps, call, { ends, userId: sessions[0]?.userId, description: 'End a session' });
        return accepted;
      },
    }),
    endpoint({
      method: 'POST',
      path: '/sessions/:id/revoke',
      summary: 'End a session and every refresh token that came of it',
      scopes: anyOf('delete:sessions', 'delete:refresh_tokens'),
      result: acceptedAnswer,
      answers: [202, 404],
      async handle(call) {
        const sid = call.path.id ?? '';
        const sessions = await store.sessions.listBySid(sid, clock.now());
        const [session] = sessions;
        if (session === undefined) throw noSession();
        const tokens = await store.refreshTokens.listByUser(session.userId, clock.now());
        const ends = [
          ...sessionEnds(deps, sessions),
          ...tokenEnds(
            deps,
            tokens.filter((token) => token.sid === sid),
          ),
        ];
        await end(deps, call, { ends, userId: session.userId, description: 'Revoke a session' });
        return accepted;
      },
    }),
    endpoint({
      method: 'POST',
      path: '/users/:id/revoke-access',
      summary: 'End the sessions and refresh tokens of a user, or of one session',
      scopes: anyOf('delete:sessions', 'delete:refresh_tokens'),
      body: Type.Object(
        {
          session_id: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
          preserve_refresh_tokens: Type.Optional(Type.Boolean()),
        },
        { additionalProperties: false },
      ),
      result: acceptedAnswer,
      answers: [202, 404],
      async handle(call) {
        const user = await getUser(deps, call.path.id);
        const { session_id: sid, preserve_refresh_tokens: isKept } = call.body;
        const isMeant = (item: { readonly sid: string | undefined }) => sid === undefined || item.sid === sid;
        const sessions = await store.sessions.listByUser(user.id, clock.now());
        const tokens = isKept === true ? [] : await store.refreshTokens.listByUser(user.id, clock.now());
        const ends = [...sessionEnds(deps, sessions.filter(isMeant)), ...tokenEnds(deps, tokens.filter(isMeant))];
        await end(deps, call, { ends, userId: user.id, description: 'Revoke the access of a user' });
        return accepted;
      },
    }),
  ];
}

/** Refresh tokens of a user, and one by its id. What is deleted takes its family along, and access tokens at /userinfo. */
export function refreshTokenEndpoints(deps: ManagementDeps): readonly Endpoint[] {
  const { store, clock } = deps;
  return [
    endpoint({
      method: 'GET',
      path: '/users/:user_id/refresh-tokens',
      summary: 'List the refresh tokens of a user',
      scopes: anyOf('read:refresh_tokens'),
      query: listQuery,
      result: refreshTokenList,
      answers: [200, 404],
      async handle({ path, query }) {
        const user = await getUser(deps, path.user_id);
        const tokens = (await store.refreshTokens.listByUser(user.id, clock.now())).map(refreshTokenToWire);
        return { status: 200, body: listOf(tokens, query, 'tokens') };
      },
    }),
    endpoint({
      method: 'DELETE',
      path: '/users/:user_id/refresh-tokens',
      summary: 'End every refresh token of a user',
      scopes: anyOf('delete:refresh_tokens'),
      result: acceptedAnswer,
      answers: [202, 404],
      async handle(call) {
        const user = await getUser(deps, call.path.user_id);
        const ends = tokenEnds(deps, await store.refreshTokens.listByUser(user.id, clock.now()));
        await end(deps, call, { ends, userId: user.id, description: 'End the refresh tokens of a user' });
        return accepted;
      },
    }),
    endpoint({
      method: 'GET',
      path: '/refresh-tokens/:id',
      summary: 'Get a refresh token, without the token',
      scopes: anyOf('read:refresh_tokens'),
      result: refreshTokenAnswer,
      answers: [200, 404],
      async handle({ path }) {
        const token = await store.refreshTokens.findById(path.id ?? '');
        if (token === undefined || token.consumedAt !== undefined) {
          throw new ApiError(404, 'The refresh token does not exist.', { code: 'inexistent_refresh_token' });
        }
        return { status: 200, body: refreshTokenToWire(token) };
      },
    }),
    endpoint({
      method: 'DELETE',
      path: '/refresh-tokens/:id',
      summary: 'End a refresh token',
      scopes: anyOf('delete:refresh_tokens'),
      result: acceptedAnswer,
      answers: [202],
      async handle(call) {
        const token = await store.refreshTokens.findById(call.path.id ?? '');
        const ends = token === undefined ? [] : tokenEnds(deps, [token]);
        await end(deps, call, { ends, userId: token?.userId, description: 'End a refresh token' });
        return accepted;
      },
    }),
  ];
}

type Ending = {
  readonly ends: readonly Write<unknown>[];
  readonly userId: string | undefined;
  readonly description: string;
};

async function end(deps: ManagementDeps, call: Acting, { ends, userId, description }: Ending): Promise<void> {
  const event = deps.audit(call, description, userId === undefined ? {} : { userId });
  await deps.store.writeAll([...ends, event]);
  deps.tellApplications();
}

const noSession = () => new ApiError(404, 'The session does not exist.', { code: 'inexistent_session' });

/** A session that is taking another's place shares its id; it lives longer, and is the one to show. */
function withoutTwins(sessions: readonly Session[]): readonly Session[] {
  const bySid = new Map<string, Session>();
  for (const session of sessions) {
    const other = bySid.get(session.sid);
    if (other === undefined || other.expiresAt < session.expiresAt) bySid.set(session.sid, session);
  }
  return [...bySid.values()];
}

/** Both lists are pages with a cursor unless totals are asked for. */
function listOf(items: readonly { readonly id?: unknown }[], query: Paging, key: string): unknown {
  const isCounted = query.include_totals === true && query.from === undefined && query.take === undefined;
  const paging = isCounted ? query : { ...query, take: query.take ?? 50 };
  return pageOf(items, paging, { key, idOf: ({ id }) => String(id) });
}
