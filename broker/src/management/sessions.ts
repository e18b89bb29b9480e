import { Type } from '@sinclair/typebox';
import { ApiError } from '../core/errors.ts';
import type { Session } from '../core/session.ts';
import { sessionAnswer, sessionList } from '../wire/management/answers/session.ts';
import { acceptedAnswer } from '../wire/management/answers/shapes.ts';
import { metadataFromWire, sessionChangesWire, sessionToWire } from '../wire/management/session-object.ts';
import type { ManagementDeps } from './deps.ts';
import {
  accepted,
  codeEnds,
  endAccess,
  everySession,
  everySessionOf,
  everyTokenOf,
  sessionEnds,
  tokenEnds,
} from './end-access.ts';
import { anyOf, type Endpoint, endpoint } from './endpoint.ts';
import { getUser } from './get-user.ts';
import { cursorOrTotals, pageById } from './paging.ts';

/** Sessions of a user, and one by its id (contract: management API §4.1). The id is the `sid` claim. */
export function sessionEndpoints(deps: ManagementDeps): readonly Endpoint[] {
  const { store, clock } = deps;
  return [
    endpoint({
      method: 'GET',
      path: '/users/:user_id/sessions',
      summary: 'List the sessions of a user',
      scopes: anyOf('read:sessions'),
      query: cursorOrTotals,
      result: sessionList,
      answers: [200, 404],
      async handle({ path, query }) {
        const user = await getUser(deps, path.user_id);
        const sessions = withoutTwins(await store.sessions.listByUser(user.id, clock.now())).map(sessionToWire);
        return { status: 200, body: pageById(sessions, query, { key: 'sessions', show: (session) => session }) };
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
        const ends = await everySession(deps, user.id);
        await endAccess(deps, call, { ends, userId: user.id, description: 'End the sessions of a user' });
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
        return { status: 200, body: sessionToWire(await getSession(deps, path.id ?? '')) };
      },
    }),
    endpoint({
      method: 'PATCH',
      path: '/sessions/:id',
      summary: 'Replace the metadata of a session',
      scopes: anyOf('update:sessions'),
      body: sessionChangesWire,
      result: sessionAnswer,
      answers: [200, 400, 404],
      async handle(call) {
        const sid = call.path.id ?? '';
        const session = await getSession(deps, sid);
        const metadata = metadataFromWire(call.body.session_metadata);
        const event = deps.audit(call, 'Update a session', { userId: session.userId });
        await store.writeAll([store.sessions.putMetadata(sid, metadata, clock.now()), event]);
        return { status: 200, body: sessionToWire(await getSession(deps, sid)) };
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
        await endAccess(deps, call, { ends, userId: sessions[0]?.userId, description: 'End a session' });
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
        const tokens = await everyTokenOf(deps, session.userId);
        const ends = [
          ...sessionEnds(deps, sessions),
          ...codeEnds(deps, { userId: session.userId, sid }),
          ...tokenEnds(
            deps,
            tokens.filter((token) => token.sid === sid),
          ),
        ];
        await endAccess(deps, call, { ends, userId: session.userId, description: 'Revoke a session' });
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
        const sessions = await everySessionOf(deps, user.id);
        const tokens = isKept === true ? [] : await everyTokenOf(deps, user.id);
        const ends = [
          ...sessionEnds(deps, sessions.filter(isMeant)),
          ...(isKept === true ? [] : codeEnds(deps, { userId: user.id, sid })),
          ...tokenEnds(deps, tokens.filter(isMeant)),
        ];
        await endAccess(deps, call, { ends, userId: user.id, description: 'Revoke the access of a user' });
        return accepted;
      },
    }),
  ];
}

/** Of two that share the id, as one takes the place of the other, the one that lives longer. */
async function getSession({ store, clock }: ManagementDeps, sid: string): Promise<Session> {
  const [session] = await store.sessions.listBySid(sid, clock.now());
  if (session === undefined) throw noSession();
  return session;
}

const noSession = () => new ApiError(404, 'The session does not exist.', { code: 'inexistent_session' });

/** The same for many. */
function withoutTwins(sessions: readonly Session[]): readonly Session[] {
  const bySid = new Map<string, Session>();
  for (const session of sessions) {
    const other = bySid.get(session.sid);
    if (other === undefined || other.expiresAt < session.expiresAt) bySid.set(session.sid, session);
  }
  return [...bySid.values()];
}
