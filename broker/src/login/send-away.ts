import type { Verdict } from '../actions/actions.ts';
import type { Paused, Resumed } from '../actions/sign-in.ts';
import { addSeconds } from '../core/clock.ts';
import { hashHandle } from '../core/hash.ts';
import type { HandleHash } from '../core/ids.ts';
import type { JsonObject } from '../core/json.ts';
import type { Session, Transaction } from '../core/session.ts';
import type { TraceLine } from '../core/trace.ts';
import { redirectReply } from '../http/reply.ts';
import type { HttpReply, HttpRequest } from '../http/route.ts';
import { lostTransaction } from './callback/lost-transaction.ts';
import type { Completing } from './complete.ts';
import type { LoginDeps } from './deps.ts';

/** The person is elsewhere that long at most. */
const lifetimeSeconds = 900;

/** Its own kind of state: the site that a script sends people to learns it, and must not be able to begin a callback with it. */
const hashState = (state: string): HandleHash => hashHandle(`continue ${state}`) as HandleHash;

type Waiting = {
  readonly parameters: Readonly<Record<string, string>>;
  readonly paused: Paused;
  /** What had happened by then, for the sign-in's event. */
  readonly steps: readonly TraceLine[];
};

/** A script sends the person to another site. They come back to /continue with the state, and with the session they have now. */
export async function sendAway(
  deps: LoginDeps,
  { request, session, user, verified, traceId, trace, secrets, cookies }: Completing,
  { url, paused }: Extract<Verdict, { kind: 'redirect' }>,
): Promise<HttpReply> {
  const state = deps.random.token('sa_');
  const now = deps.clock.now();
  const destination = new URL(url);
  trace.record('browser.left', { to: destination.origin });
  const waiting: Waiting = { parameters: verified.parameters, paused, steps: trace.lines };
  const facts = { traceId, clientId: verified.client.id, connectionId: session.connectionId, userId: user.id };
  await deps.store.writeAll([
    // Some people never come back; what the scripts did is there to be read all the same.
    ...deps.attempts.record({ ...facts, trace, secrets, road: 'sent-away' }),
    deps.store.transactions.create({
      stateHash: hashState(state),
      // The session's cookie travels with a form from another site too; the device's does not.
      browserHash: session.handleHash,
      traceId,
      clientId: verified.client.id,
      connectionId: session.connectionId,
      request: waiting as unknown as JsonObject,
      createdAt: now,
      expiresAt: addSeconds(now, lifetimeSeconds),
    }),
  ]);
  destination.searchParams.set('state', state);
  return redirectReply(request.method === 'POST' ? 303 : 302, destination.href, cookies);
}

export type Returned = {
  readonly transaction: Transaction;
  readonly session: Session;
  readonly parameters: Readonly<Record<string, string>>;
  readonly resumed: Resumed;
  readonly steps: readonly TraceLine[];
};

/** One use, and only in the session that was sent away. */
export async function takeReturned(deps: LoginDeps, request: HttpRequest): Promise<Returned> {
  const { query, body } = request;
  const state = query.values.state ?? body.values.state;
  if (state === undefined || state === '') throw lostTransaction('no state');
  if (query.malformed.has('state') || (body.values.state ?? state) !== state) throw lostTransaction('two states');
  const transaction = await deps.store.write(deps.store.transactions.take(hashState(state)));
  if (transaction === undefined) throw lostTransaction('unknown or used');
  const session = await deps.sessions.find(request);
  if (session === undefined || session.handleHash !== transaction.browserHash) {
    throw lostTransaction(`another session, attempt ${transaction.traceId}`);
  }
  if (transaction.expiresAt <= deps.clock.now()) throw lostTransaction(`expired, attempt ${transaction.traceId}`);
  const { parameters, paused, steps } = transaction.request as unknown as Waiting;
  return { transaction, session, parameters, resumed: { paused, state }, steps };
}
