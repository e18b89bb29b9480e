import type { HttpReply, HttpRequest } from '../../http/route.ts';
import { lostTransaction } from '../callback/lost-transaction.ts';
import type { LoginDeps } from '../deps.ts';
import { findTransaction, rememberedOf } from '../transaction.ts';
import { beginSignIn } from './authorize.ts';

/**
 * `GET /authorize/resume?state`: a sign-in of this browser goes on from its request, with whatever has become of the
 * session since: another tab may have signed in. One use; what was begun is given up.
 */
export const resume =
  (deps: LoginDeps) =>
  async (request: HttpRequest): Promise<HttpReply> => {
    const { transaction } = await findTransaction(deps, request, request.query);
    const taken = await deps.store.write(deps.store.transactions.take(transaction.stateHash));
    if (taken === undefined) throw lostTransaction('used meanwhile', transaction.clientId);
    const values = rememberedOf(taken).parameters;
    // It was checked when it came, pushed or not.
    return beginSignIn(deps, request, { parameters: { values, malformed: new Set() }, isPushed: true });
  };
