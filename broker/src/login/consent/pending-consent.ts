import { addSeconds } from '../../core/clock.ts';
import { hashHandle } from '../../core/hash.ts';
import type { HandleHash } from '../../core/ids.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Session, Transaction } from '../../core/session.ts';
import type { TraceLine } from '../../core/trace.ts';
import type { HttpRequest } from '../../http/route.ts';
import type { AuthorizeRequest } from '../authorize/request.ts';
import { lostTransaction } from '../callback/lost-transaction.ts';
import type { Completing } from '../complete.ts';
import type { LoginDeps } from '../deps.ts';
import type { Question } from './consent-rule.ts';

/** As long as a person may think about it. */
const lifetimeSeconds = 900;

/** Its own kind of state, so that none of another kind can be brought here. */
const hashState = (state: string): HandleHash => hashHandle(`consent ${state}`) as HandleHash;

export type Waiting = {
  readonly parameters: Readonly<Record<string, string>>;
  readonly question: Question;
  /** What had happened by then, for the sign-in's event. */
  readonly steps: readonly TraceLine[];
};

export type PendingConsent = Waiting & { readonly transaction: Transaction; readonly session: Session };

/** The sign-in that waits for the person's answer: bound to their session, found by `state`. */
export function createPending(
  { clock }: LoginDeps,
  { verified, session, traceId, trace }: Completing,
  { state, question }: { readonly state: string; readonly question: Question },
): Transaction {
  const now = clock.now();
  const waiting: Waiting = { parameters: verified.parameters, question, steps: trace.lines };
  return {
    stateHash: hashState(state),
    browserHash: session.handleHash,
    traceId,
    clientId: verified.client.id,
    connectionId: session.connectionId,
    request: waiting as unknown as JsonObject,
    createdAt: now,
    expiresAt: addSeconds(now, lifetimeSeconds),
  };
}

/** Only in the session that was asked. */
export async function findPending(
  { store, sessions, clock }: LoginDeps,
  request: HttpRequest,
  state: string | undefined,
): Promise<PendingConsent> {
  if (state === undefined || state === '') throw lostTransaction('no state');
  const transaction = await store.transactions.find(hashState(state));
  if (transaction === undefined) throw lostTransaction('unknown or used');
  const { clientId, traceId, expiresAt, browserHash } = transaction;
  const session = await sessions.find(request);
  if (session === undefined || session.handleHash !== browserHash) {
    throw lostTransaction(`another session, attempt ${traceId}`);
  }
  if (expiresAt <= clock.now()) throw lostTransaction(`expired, attempt ${traceId}`, clientId);
  return { transaction, session, ...(transaction.request as unknown as Waiting) };
}

/** One use: of two answers one counts. */
export async function spendPending({ store }: LoginDeps, { transaction }: PendingConsent): Promise<void> {
  const taken = await store.write(store.transactions.take(transaction.stateHash));
  if (taken === undefined) throw lostTransaction('answered meanwhile', transaction.clientId);
}

/**
 * DN-25: bound to the session, to this question and to what the page shows. Another site cannot know it, and an answer
 * counts for nothing that was not on the page.
 */
export const confirmationOf = (
  { session, transaction, question }: PendingConsent,
  { resourceServer, scopes }: AuthorizeRequest,
): string =>
  hashHandle(
    JSON.stringify([session.handleHash, transaction.stateHash, question, resourceServer?.identifier ?? '', scopes]),
  );
