import { addSeconds, type Clock } from '../core/clock.ts';
import { hashHandle } from '../core/hash.ts';
import type { ClientId, ConnectionId, HandleHash, UserId } from '../core/ids.ts';
import type { Random } from '../core/random.ts';
import type { Session } from '../core/session.ts';
import { clearCookie, cookieName, readCookie, setCookie } from '../http/cookies.ts';
import { type HttpRequest, header } from '../http/route.ts';
import { sightingOf } from '../http/sighting.ts';
import type { Store, Write } from '../store/store.ts';
import type { Snapshot } from '../tenant/directory.ts';

/*
 * The browser's signed-in state. A session is made at a sign-in and never rewritten: parallel silent requests cannot
 * lose each other's change, and a request that finds no session sets no cookie, so it cannot sign anybody out.
 */

const sessionCookie = 'auth0';
/** A replaced session is found a little longer: requests under way with the old cookie are not signed out. */
const retirementSeconds = 60;
/** The idle expiry moves at most this often, so that a silent sign-in seldom writes. */
const touchEverySeconds = 60;

export type Sessions = {
  find(request: HttpRequest): Promise<Session | undefined>;
  /** A new session with a new handle, whatever the browser held before (no fixation). */
  start(tenant: Snapshot, of: StartingSession): StartedSession;
  /** What becomes of the session that a new one replaces. */
  replace(old: Session, next: Session): readonly Write<unknown>[];
  /** undefined: used recently enough. */
  touch(tenant: Snapshot, session: Session, request: HttpRequest): Write<void> | undefined;
  /** A client gets an answer out of a session. undefined: it did before. */
  join(session: Session, clientId: ClientId): Write<void> | undefined;
  end(session: Session): Promise<void>;
  /** To be called once what `replace` gave is written: applications may have to be told. */
  readonly afterEnd: () => void;
  readonly clearingCookie: string;
};

export type StartingSession = {
  readonly userId: UserId;
  readonly connectionId: ConnectionId;
  readonly clientId: ClientId;
  readonly request: HttpRequest;
  /** The session that it takes the place of. The same person's goes on under its `sid`, by which applications know it. */
  readonly old: Session | undefined;
};

export type StartedSession = { readonly session: Session; readonly write: Write<void>; readonly cookie: string };

export function createSessions(deps: {
  readonly store: Pick<Store, 'sessions' | 'logoutNotices' | 'write' | 'writeAll'>;
  /** Called when a session has ended and applications may have to be told. */
  readonly afterEnd: () => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly isSecure: boolean;
}): Sessions {
  const { store, clock, random, isSecure, afterEnd } = deps;
  // Silent sign-in runs in an iframe of another site: over https the cookie must travel there.
  const cookieOptions = { isSecure, sameSite: 'None' } as const;
  const ending = ({ handleHash, sid, userId }: Session) => [
    store.sessions.delete(handleHash),
    store.logoutNotices.owe({ sid, userId, at: clock.now() }),
  ];
  return {
    async find(request) {
      const handle = readCookie(header(request, 'cookie'), cookieName(sessionCookie, isSecure));
      if (handle === undefined || handle === '') return undefined;
      const session = await store.sessions.find(hashHandle(handle) as HandleHash);
      const now = clock.now();
      return session === undefined || session.expiresAt <= now || session.idleExpiresAt <= now ? undefined : session;
    },
    start({ settings }, { userId, connectionId, clientId, request, old }) {
      const handle = random.token('se_');
      const now = clock.now();
      const same = old?.userId === userId ? old : undefined;
      const seenFrom = sightingOf(request);
      const session: Session = {
        handleHash: hashHandle(handle) as HandleHash,
        sid: same?.sid ?? random.id('sid_'),
        userId,
        connectionId,
        createdAt: same?.createdAt ?? now,
        authenticatedAt: now,
        lastInteractedAt: now,
        updatedAt: now,
        idleExpiresAt: addSeconds(now, settings.idleSessionLifetimeSeconds),
        expiresAt: addSeconds(now, settings.sessionLifetimeSeconds),
        device: { initial: same?.device.initial ?? seenFrom, last: seenFrom },
        clientIds: [...new Set([...(same?.clientIds ?? []), clientId])],
        metadata: same?.metadata ?? {},
      };
      const cookie = setCookie(sessionCookie, handle, {
        ...cookieOptions,
        maxAgeSeconds: settings.sessionLifetimeSeconds,
      });
      return { session, write: store.sessions.create(session), cookie };
    },
    replace(old, next) {
      if (old.userId !== next.userId) return ending(old);
      return [store.sessions.retire(old.handleHash, addSeconds(clock.now(), retirementSeconds))];
    },
    touch({ settings }, session, request) {
      const at = clock.now();
      const idleExpiresAt = addSeconds(at, settings.idleSessionLifetimeSeconds);
      const gained = (idleExpiresAt.getTime() - session.idleExpiresAt.getTime()) / 1000;
      if (gained < touchEverySeconds) return undefined;
      return store.sessions.touch(session.handleHash, { idleExpiresAt, at, seenFrom: sightingOf(request) });
    },
    join({ handleHash, clientIds }, clientId) {
      return clientIds.includes(clientId) ? undefined : store.sessions.join(handleHash, clientId, clock.now());
    },
    async end(session) {
      await store.writeAll(ending(session));
      afterEnd();
    },
    afterEnd,
    clearingCookie: clearCookie(sessionCookie, cookieOptions),
  };
}
